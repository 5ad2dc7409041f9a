using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.Host.Health;

/// <summary>Whether the API's login reaches PostgreSQL.</summary>
internal sealed class DatabaseHealthCheck(DatabaseProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await probe.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
    }
}
