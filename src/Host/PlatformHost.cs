using Microsoft.Extensions.Options;
using Platform.Host.Embedded;
using Platform.Host.Health;
using Platform.Host.Http;
using Platform.Host.Jobs;
using Platform.Host.Playground;
using Platform.Host.Telemetry;
using Platform.Host.Verbs;
using Platform.Host.Mail;
using Platform.LocalSupabase;
using Platform.LocalSupabase.Realtime.Topics;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Mail;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Host;

/// <summary>Puts the product together: one web server, or one verb of the command line.</summary>
internal static class PlatformHost
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Runs the web server until it is told to stop, or a verb.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Length > 0 && !arguments[0].StartsWith('-'))
        {
            return await VerbRunner.RunAsync(arguments[0], arguments[1..]);
        }

        try
        {
            await using var app = await BuildAsync(CreateBuilder(arguments), CancellationToken.None);
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (Explain(exception) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return 1;
        }
    }

    /// <summary>A builder with the Host's own configuration.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] arguments)
    {
        // The content root is the program's folder: the default, the current one, would be watched with all that lies below it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = arguments,
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = "Platform.Host",
        });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        return builder;
    }

    /// <summary>Starts what the web server stands on, and builds it.</summary>
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var embedded = await EmbeddedMode.StartAsync(builder, cancellationToken);
        try
        {
            AddServices(builder, embedded);
            var app = builder.Build();
            UsePipeline(app);
            MapRoutes(app, embedded is not null);
            return app;
        }
        catch
        {
            if (embedded is not null)
            {
                await embedded.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>What an operator can do something about, in words; null for the rest.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        LocalSupabaseException local => $"{local.Code}: {local.Problem}\n{local.NextStep}",
        Migrations.MigrationException migration => $"migration_failed: {migration.Message}",
        OptionsValidationException options => $"configuration_invalid: {string.Join("; ", options.Failures)}",
        HostStartException start => $"{start.Code}: {start.Message}",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } busy => $"address_in_use: {busy.Message}",
        _ => null,
    };

    private static void AddServices(WebApplicationBuilder builder, EmbeddedMode? embedded)
    {
        var services = builder.Services;
        builder.Host.UseDefaultServiceProvider(options => options.ValidateOnBuild = options.ValidateScopes = true);
        if (embedded is not null)
        {
            // First in, last out: the database outlives everything that uses it.
            services.AddSingleton(embedded);
            services.AddHostedService(provider => provider.GetRequiredService<EmbeddedMode>());
            services.AddSingleton(embedded.Address);
            services.AddSingleton<ITopicLog, EventLogTopics>();
            services.AddLocalSupabase(embedded.Supabase);
            services.AddSingleton<IMailer, EmbeddedMailer>();
        }
        else
        {
            services.AddModuleOptions<MailOptions>(MailOptions.SectionName);
            services.AddSingleton<IMailer, SmtpMailer>();
        }

        services.AddModuleOptions<PlatformHostOptions>(PlatformHostOptions.SectionName);
        services.AddHostedService<ServerAddressService>();
        services.AddHostedService<StartUpMemory>();
        if (embedded is not null)
        {
            services.AddHostedService<EmbeddedAnnouncement>();
        }

        services.AddPlatformKernel();
        foreach (var module in ModuleCatalog.Modules)
        {
            services.AddSingleton(module);
            module.AddServices(services, builder.Configuration);
        }

        services.AddPlatformHttp(builder);
        services.AddPlatformTelemetry(builder.Configuration);
        services.AddPlatformHealth();
    }

    private static void UsePipeline(WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler(_ => { });
        app.UseProblemsForStatusCodes();
        app.UseResponseCompression();
        app.UseRouting();
        // The embedded Supabase answers browsers itself, from wherever they call, as a project does.
        app.UseWhen(http => !EmbeddedMode.Serves(http.Request.Path), own => own.UseCors());
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseOperatorSignIn();
        app.UseAuthorization();
        app.UseIdempotencyKeys();
    }

    private static void MapRoutes(WebApplication app, bool embedded)
    {
        About.Map(app);
        app.MapPlatformHealth();
        app.MapPlatformTelemetry();
        app.MapReference();
        app.MapOperatorPages();
        app.MapAdminJobs();
        app.MapPlayground();
        foreach (var module in ModuleCatalog.Modules)
        {
            module.MapEndpoints(app);
        }

        if (embedded)
        {
            app.MapLocalSupabase();
        }
    }
}
