using Microsoft.Extensions.Diagnostics.HealthChecks;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Host.Health;

/// <summary>Whether Supabase Auth answers.</summary>
internal sealed class SupabaseHealthCheck(SupabaseProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await probe.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is HttpRequestException or SupabaseException or OperationCanceledException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
    }
}
