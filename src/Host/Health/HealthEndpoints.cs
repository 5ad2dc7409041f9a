using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Host.Health;

/// <summary>Whether the process lives, and whether it can serve. What is wrong in detail is for staff alone.</summary>
internal static class HealthEndpoints
{
    public static void AddPlatformHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database").AddCheck<SupabaseHealthCheck>("supabase");

    public static void MapPlatformHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext http, HealthReport report)
    {
        var staff = http.User.IsInRole("support") || http.User.IsInRole("admin");
        var parts = report.Entries.ToDictionary(
            entry => entry.Key,
            entry => new { status = entry.Value.Status.ToString().ToLowerInvariant(), detail = staff ? entry.Value.Description : null });
        return http.Response.WriteAsJsonAsync(
            new { status = report.Status == HealthStatus.Healthy ? "ready" : "unavailable", parts }, PlatformJson.Options);
    }
}
