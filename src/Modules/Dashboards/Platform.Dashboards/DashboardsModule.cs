using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Dashboards.Charts;
using Platform.Dashboards.Contracts.Commands;
using Platform.Dashboards.Data;
using Platform.Dashboards.Delivery;
using Platform.Dashboards.Exports;
using Platform.Dashboards.Features.Alerts;
using Platform.Dashboards.Features.Copies;
using Platform.Dashboards.Features.Dashboards;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Features.Parameters;
using Platform.Dashboards.Features.Sharing;
using Platform.Dashboards.Features.Subscriptions;
using Platform.Dashboards.Features.Versions;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Jobs;
using Platform.Dashboards.Persistence;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards;

/// <summary>Live boards: dashboards, the widgets on them and their data.</summary>
public sealed class DashboardsModule : IModule
{
    internal const string Schema = "dashboards";
    private bool _hasCdn;

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        AddWidgetTypes(services);
        _hasCdn = !string.IsNullOrEmpty(configuration[$"{DashboardsOptions.SectionName}:{nameof(DashboardsOptions.CdnPurgeUrl)}"]);
        services
            .AddModule<DashboardsDbContext>(contracts: typeof(PinWidgetCommand).Assembly)
            .AddTransient<DashboardAccess>()
            .AddTransient<ImportPlanner>()
            .AddTransient<AlertSecrets>()
            .AddTransient<CheckAlertsJob>()
            .AddTransient<CheckAlertJob>()
            .AddTransient<DeliverAlertJob>()
            .AddTransient<AlertMail>()
            .AddTransient<SignalBoardsJob>()
            .AddTransient<PurgeCdnJob>()
            .AddTransient<SendSubscriptionsJob>()
            .AddTransient<SendSubscriptionJob>()
            .AddTransient<SubscriptionMail>()
            .AddTransient<AlertWebhook>()
            .AddTransient<VisitorDoor>()
            .AddSingleton<SharePasswords>()
            .AddModuleOptions<DashboardsOptions>(DashboardsOptions.SectionName)
            .AddModuleOptions<RedisOptions>(RedisOptions.SectionName)
            .AddSingleton<ResultCache>()
            .AddSingleton<BoardReader>()
            .AddSingleton<ParameterOptions>()
            .AddSingleton<PictureStudio>()
            .AddSingleton<PictureReader>()
            .AddSingleton<ExportPictures>()
            .AddSingleton(provider => new SharedResults(
                provider.GetRequiredService<ILogger<SharedResults>>(),
                provider.GetService<RedisConnection>() is null ? null : provider.GetRequiredService<IDistributedCache>(),
                provider.GetService<RedisConnection>()));
        if (!string.IsNullOrEmpty(configuration[$"{RedisOptions.SectionName}:{nameof(RedisOptions.Configuration)}"]))
        {
            services.AddSingleton<RedisConnection>();
            services.AddStackExchangeRedisCache(_ => { });
            services.AddOptions<RedisCacheOptions>()
                .Configure<RedisConnection>((options, connection) => options.ConnectionMultiplexerFactory = connection.GetAsync);
        }
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapGroup("/api/v1/dashboards").WithTags("Dashboards").RequireAuthorization().WithResourceFilters()
            .Map<CreateDashboardEndpoint>()
            .Map<ListDashboardsEndpoint>()
            .Map<GetDashboardEndpoint>()
            .Map<UpdateDashboardEndpoint>()
            .Map<DeleteDashboardEndpoint>()
            .Map<MoveWidgetsEndpoint>()
            .Map<DuplicateDashboardEndpoint>()
            .Map<ExportDashboardEndpoint>()
            .Map<ImportDashboardEndpoint>()
            .Map<ListVersionsEndpoint>()
            .Map<GetVersionEndpoint>()
            .Map<RestoreVersionEndpoint>()
            .Map<GetDashboardDataEndpoint>()
            .Map<CreateShareLinkEndpoint>()
            .Map<ListShareLinksEndpoint>()
            .Map<ListParameterOptionsEndpoint>()
            .Map<CreateSubscriptionEndpoint>()
            .Map<ListSubscriptionsEndpoint>()
            .Map<AddWidgetEndpoint>()
            .Map<ListSharedDashboardsEndpoint>()
            .Map<ListGrantsEndpoint>()
            .Map<GiveGrantEndpoint>()
            .Map<EndGrantEndpoint>();
        routes.MapGroup("/api/v1/widgets").WithTags("Dashboards").RequireAuthorization().WithResourceFilters()
            .Map<GetWidgetEndpoint>()
            .Map<UpdateWidgetEndpoint>()
            .Map<DeleteWidgetEndpoint>()
            .Map<GetWidgetDataEndpoint>()
            .Map<ExportWidgetEndpoint>()
            .Map<ListAlertsEndpoint>()
            .Map<CreateAlertEndpoint>();
        routes.MapGroup("/api/v1/alerts").WithTags("Dashboards").RequireAuthorization().WithResourceFilters()
            .Map<UpdateAlertEndpoint>()
            .Map<DeleteAlertEndpoint>()
            .Map<ListAlertHistoryEndpoint>();
        routes.MapGroup("/api/v1/subscriptions").WithTags("Dashboards").RequireAuthorization().WithResourceFilters()
            .Map<UpdateSubscriptionEndpoint>()
            .Map<DeleteSubscriptionEndpoint>();
        routes.MapGroup("/api/v1/share-links").WithTags("Dashboards").RequireAuthorization().WithResourceFilters()
            .Map<DeleteShareLinkEndpoint>();
        routes.MapGroup("/api/v1/public/dashboards").WithTags("Public dashboards")
            .Map<GetSharedDashboardEndpoint>()
            .Map<GetSharedDataEndpoint>();
    }

    /// <inheritdoc/>
    public void ScheduleJobs(IRecurringJobManager jobs)
    {
        CheckAlertsJob.Schedule(jobs);
        SendSubscriptionsJob.Schedule(jobs);
        PurgeCdnJob.Schedule(jobs, _hasCdn);
    }

    private static void AddWidgetTypes(IServiceCollection services) =>
        services
            .AddSingleton<WidgetTypes>()
            .AddSingleton<IWidgetType>(new AxisWidget("line"))
            .AddSingleton<IWidgetType>(new AxisWidget("bar"))
            .AddSingleton<IWidgetType>(new AxisWidget("area"))
            .AddSingleton<IWidgetType>(new AxisWidget("scatter"))
            .AddSingleton<IWidgetType, PieWidget>()
            .AddSingleton<IWidgetType, NumberWidget>()
            .AddSingleton<IWidgetType, TableWidget>()
            .AddSingleton<IWidgetType, TextWidget>();
}
