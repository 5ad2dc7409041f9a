using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Platform.LocalSupabase.Auth.Limits;

/// <summary>The kinds of calls that are counted, each at a rate of its own.</summary>
internal enum AddressLimit
{
    Tokens,
    Verifications,
    Requests,
    Factors,
}

/// <summary>Marks an endpoint that an address may call so often and no more.</summary>
internal sealed record LimitedByAddress(AddressLimit Limit);

/// <summary>
/// Limits calls by the address they come from: only that address is slowed down. An address that is not known, or is this machine's own,
/// is not limited unless the settings say so, because a proxy may stand there for everybody.
/// </summary>
internal sealed class AddressLimits(LocalSupabaseOptions options, TokenBuckets buckets) : IEndpointFilter
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var endpoint = context.HttpContext.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<LimitedByAddress>() is { } limited)
        {
            Take(context.HttpContext, (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "", RateOf(limited.Limit));
        }

        return next(context);
    }

    private Rate RateOf(AddressLimit limit)
    {
        var limits = options.Auth.RateLimits;
        return limit switch
        {
            AddressLimit.Tokens => Rate.Of(limits.Burst, limits.TokensPerFiveMinutes, Period),
            AddressLimit.Verifications => Rate.Of(limits.Burst, limits.VerificationsPerFiveMinutes, Period),
            AddressLimit.Factors => Rate.Of(limits.Burst, options.Mfa.AttemptsPerMinute, TimeSpan.FromMinutes(1)),
            _ => Rate.Of(limits.Burst, limits.RequestsPerFiveMinutes, Period),
        };
    }

    /// <summary>Takes one of what the address may do.</summary>
    /// <exception cref="AuthException">There is none left.</exception>
    public void Take(HttpContext context, string what, Rate rate)
    {
        if (KeyOf(context) is { } address && buckets.Take($"{what} {address}", rate) > TimeSpan.Zero)
        {
            throw AuthException.TooManyRequests();
        }
    }

    /// <summary>The client's address; null where it is not limited. Whoever has one IPv6 address has its whole /64.</summary>
    public string? KeyOf(HttpContext context)
    {
        if (AddressOf(context) is not { } address || (IPAddress.IsLoopback(address) && !options.Auth.RateLimits.Loopback))
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes(), 0, 8)
            : address.ToString();
    }

    private IPAddress? AddressOf(HttpContext context)
    {
        if (string.IsNullOrEmpty(options.Auth.RateLimits.AddressHeader))
        {
            return context.Connection.RemoteIpAddress;
        }

        // A proxy adds to what the client sent, which may be made up: the last entry alone is the proxy's own word.
        var entries = context.Request.Headers[options.Auth.RateLimits.AddressHeader].ToString().Split(',');
        return IPAddress.TryParse(entries[^1].Trim(), out var address) ? address : null;
    }
}
