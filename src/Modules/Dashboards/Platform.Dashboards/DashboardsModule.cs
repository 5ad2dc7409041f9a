using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Contracts.Commands;
using Platform.Dashboards.Features.Copies;
using Platform.Dashboards.Features.Dashboards;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Features.Versions;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Persistence;
using Platform.Dashboards.Widgets;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards;

/// <summary>Live boards: dashboards, the widgets on them and their data.</summary>
public sealed class DashboardsModule : IModule
{
    internal const string Schema = "dashboards";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        services
            .AddModule<DashboardsDbContext>(contracts: typeof(PinWidgetCommand).Assembly)
            .AddTransient<DashboardAccess>()
            .AddTransient<ImportPlanner>()
            .AddSingleton<WidgetTypes>()
            .AddSingleton<IWidgetType>(new AxisWidget("line"))
            .AddSingleton<IWidgetType>(new AxisWidget("bar"))
            .AddSingleton<IWidgetType>(new AxisWidget("area"))
            .AddSingleton<IWidgetType>(new AxisWidget("scatter"))
            .AddSingleton<IWidgetType, PieWidget>()
            .AddSingleton<IWidgetType, NumberWidget>()
            .AddSingleton<IWidgetType, TableWidget>()
            .AddSingleton<IWidgetType, TextWidget>();

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
            .Map<AddWidgetEndpoint>()
            .Map<ListSharedDashboardsEndpoint>()
            .Map<ListGrantsEndpoint>()
            .Map<GiveGrantEndpoint>()
            .Map<EndGrantEndpoint>();
        routes.MapGroup("/api/v1/widgets").WithTags("Dashboards").RequireAuthorization().WithResourceFilters()
            .Map<GetWidgetEndpoint>()
            .Map<UpdateWidgetEndpoint>()
            .Map<DeleteWidgetEndpoint>()
            .Map<GetWidgetDataEndpoint>();
    }
}
