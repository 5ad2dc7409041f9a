using System.Net;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Host.Telemetry;

/// <summary>Traces and metrics: OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, Prometheus at <c>/metrics</c> always.</summary>
internal static class TelemetryServices
{
    public static void AddPlatformTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var otlp = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("platform"));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter("Platform.*").AddMeter("Npgsql").AddPrometheusExporter();
            if (otlp)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (otlp)
        {
            telemetry.WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddSource("Platform.*")
                .AddSource("Npgsql")
                .AddOtlpExporter());
        }
        else
        {
            // A span and a log scope a request are only cost where nobody reads them: this category alone makes ASP.NET Core begin them.
            services.Configure<LoggerFilterOptions>(filters =>
                filters.Rules.Add(new LoggerFilterRule(null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null)));
        }
    }

    /// <summary>For a scraper on this machine, or staff.</summary>
    public static void MapPlatformTelemetry(this WebApplication app)
    {
        app.UseWhen(
            http => http.Request.Path.StartsWithSegments("/metrics") && !MayRead(http),
            branch => branch.Run(http => new Problem(404, "route_not_found", "There is no such route.").WriteAsync(http)));
        app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
    }

    private static bool MayRead(HttpContext http) =>
        http.User.IsInRole("support") || http.User.IsInRole("admin")
        || (http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address));
}
