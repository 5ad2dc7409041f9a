using FluentValidation;
using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Authentication;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Events;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Infrastructure.Pipeline;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.SharedKernel.Infrastructure;

/// <summary>Registers the kernel: what every module needs.</summary>
public static class KernelServices
{
    /// <summary>The role that may use the operators' and support staff's pages.</summary>
    public const string StaffPolicy = "staff";

    /// <summary>Adds the kernel.</summary>
    /// <param name="services">The Host's services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddPlatformKernel(this IServiceCollection services)
    {
        services.Replace(ServiceDescriptor.Singleton<TimeProvider, MicrosecondClock>());
        services.ConfigureHttpJsonOptions(options => PlatformJson.Configure(options.SerializerOptions));
        services.AddExceptionHandler<ProblemExceptionHandler>();
        AddDatabase(services);
        AddPipeline(services);
        AddEvents(services);
        AddJobs(services);
        AddEncryption(services);
        services.AddModuleOptions<EgressOptions>(EgressOptions.SectionName);
        EgressClient.Register(services);
        services.AddSupabaseGateways();
        AddAuthentication(services);
        return services;
    }

    private static void AddDatabase(IServiceCollection services)
    {
        services.AddModuleOptions<DatabaseOptions>(DatabaseOptions.SectionName);
        services.AddSingleton<PlatformDataSources>();
        services.AddSingleton<IdentityCommandInterceptor>();
        services.AddSingleton<KernelDatabase>();
        services.AddSingleton(provider => new DatabaseProbe(provider.GetRequiredService<PlatformDataSources>()));
        services.AddScoped<ICurrentCaller, CurrentCaller>();
        services.AddScoped<Preconditions>();
        services.AddScoped<DbSession>();
    }

    private static void AddPipeline(IServiceCollection services)
    {
        services.AddTransient<ServiceFactory>(provider => provider.GetService!);
        services.AddTransient<IMediator, Mediator>();
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(TelemetryBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(UnitOfWorkBehavior<,>));
        services.AddSingleton<ModuleRegistry>();
        services.AddScoped<IdempotencyGuard>();
        services.AddSingleton(provider => new Cursors(provider.GetRequiredService<MasterKeyRing>()));
        ValidatorOptions.Global.LanguageManager.Enabled = false;
    }

    private static void AddEvents(IServiceCollection services)
    {
        services.AddSingleton<NotificationHub>();
        services.AddHostedService(provider => provider.GetRequiredService<NotificationHub>());
        services.AddSingleton<IPump, OutboxPump>();
        services.AddSingleton<ReactionIndex>();
        services.AddSingleton(provider => new EventTail(
            provider.GetRequiredService<KernelDatabase>(), provider.GetRequiredService<NotificationHub>(), provider.GetRequiredService<TimeProvider>()));
        services.AddScoped(provider => new EventStream(
            provider.GetRequiredService<KernelDatabase>(),
            provider.GetRequiredService<NotificationHub>(),
            provider.GetRequiredService<ICurrentCaller>(),
            provider.GetRequiredService<IHostApplicationLifetime>()));
    }

    private static void AddJobs(IServiceCollection services)
    {
        services.AddModuleOptions<JobsOptions>(JobsOptions.SectionName);
        services.AddSingleton<JobStorage>(provider => JobStorageFactory.Create(provider.GetRequiredService<IOptions<DatabaseOptions>>()));
        services.AddHangfire(_ => { });
        services.AddSingleton<JobServer>();
        services.AddHostedService(provider => provider.GetRequiredService<JobServer>());
        services.AddTransient<MaintenanceJob>();
        services.AddSingleton(RetryEvent.Queue);
        services.AddSingleton(provider => new OperatorQueues(
            provider.GetServices<OperatorQueue>(), provider.GetRequiredService<KernelDatabase>()));
    }

    private static void AddEncryption(IServiceCollection services)
    {
        services.AddModuleOptions<EncryptionOptions>(EncryptionOptions.SectionName);
        services.AddSingleton<MasterKeyRing>();
        services.AddSingleton<EnvelopeCipher>();
    }

    /// <summary>Adds the clients of Supabase, for whoever needs no more than these.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSupabaseGateways(this IServiceCollection services)
    {
        services.AddModuleOptions<SupabaseOptions>(SupabaseOptions.SectionName);
        services.TryAddSingleton<SupabaseAddress>();
        services.AddHttpClient(SupabaseHttp.Name);
        services.AddSingleton<SupabaseHttp>();
        services.AddSingleton(provider => new StorageGateway(provider.GetRequiredService<SupabaseHttp>()));
        services.AddSingleton(provider => new AuthAdminGateway(provider.GetRequiredService<SupabaseHttp>()));
        services.AddSingleton(provider => new RealtimeGateway(provider.GetRequiredService<SupabaseHttp>()));
        services.AddSingleton(provider => new FunctionsGateway(provider.GetRequiredService<SupabaseHttp>()));
        services.AddSingleton(provider => new SupabaseProbe(provider.GetRequiredService<SupabaseHttp>()));
        return services;
    }

    private static void AddAuthentication(IServiceCollection services)
    {
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddAuthentication(BearerHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(StaffPolicy, policy => policy.RequireRole("support", "admin"));
    }
}
