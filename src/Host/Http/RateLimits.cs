using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Host.Http;

/// <summary>A token bucket for each person, and for each address of those who have not signed in.</summary>
internal static class RateLimits
{
    private const int PublicDefault = 1_200;
    private const int LoopbackDefault = 60_000_000;

    public static void AddPlatformRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>()
            .Configure<IOptions<PlatformHostOptions>, OwnPorts>((limiter, options, ownPorts) =>
            {
                int PerMinute() => options.Value.RequestsPerMinute ?? (ownPorts.LoopbackOnly ? LoopbackDefault : PublicDefault);
                limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http =>
                    RateLimitPartition.GetTokenBucketLimiter(PartitionOf(http), _ => BucketOf(PerMinute())));
                limiter.OnRejected = (context, cancellationToken) => RefuseAsync(context.HttpContext, context.Lease, PerMinute());
            });
    }

    private static string PartitionOf(HttpContext http) =>
        http.User.FindFirstValue("sub") ?? http.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    private static TokenBucketRateLimiterOptions BucketOf(int perMinute) => new()
    {
        // A tenth of a minute's worth comes back every six seconds; the bucket holds a quarter of a minute for bursts.
        TokenLimit = Math.Max(1, perMinute / 4),
        TokensPerPeriod = Math.Max(1, perMinute / 10),
        ReplenishmentPeriod = TimeSpan.FromSeconds(6),
        QueueLimit = 0,
        AutoReplenishment = true,
    };

    private static async ValueTask RefuseAsync(HttpContext http, RateLimitLease lease, int perMinute)
    {
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 6;
        var text = seconds.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.RetryAfter = text;
        http.Response.Headers["RateLimit-Limit"] = perMinute.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["RateLimit-Remaining"] = "0";
        http.Response.Headers["RateLimit-Reset"] = text;
        await new Problem(StatusCodes.Status429TooManyRequests, "rate_limited", "Too many requests. Wait, then try again.").WriteAsync(http);
    }
}
