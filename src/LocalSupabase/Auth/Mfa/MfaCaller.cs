using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Mfa;

/// <summary>What the factor slices share: who may call them, how often, and whose a factor is.</summary>
internal sealed class MfaCaller(LocalSupabaseOptions options, AuthDatabase database, Bearer bearer, TimeProvider clock)
{
    public async Task<(AuthUser User, Guid SessionId)> RequireAsync(HttpContext context)
    {
        var caller = await bearer.RequireUserAsync(context);
        if (caller.User.IsAnonymous)
        {
            throw new AuthException(
                StatusCodes.Status403Forbidden, "no_authorization", "Anonymous user not allowed to perform these actions");
        }

        return (caller.User, caller.SessionId ?? throw AuthException.SessionNotFound());
    }

    /// <summary>Counted in a transaction of its own, since a wrong code rolls everything else back.</summary>
    public async Task CountAttemptAsync(AuthUser user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (await connection.CountAttemptAsync(user.Id, clock.GetUtcNow(), cancellationToken) > options.Mfa.AttemptsPerMinute)
        {
            throw new AuthException(StatusCodes.Status429TooManyRequests, "over_request_rate_limit", "Request rate limit reached");
        }
    }

    public static Guid IdOf(string id) => Guid.TryParseExact(id, "D", out var factorId) ? factorId : throw NotFound();

    public static async Task<Factor> FindAsync(NpgsqlConnection connection, AuthUser user, Guid factorId, CancellationToken cancellationToken) =>
        (await connection.FactorsOfAsync(user.Id, cancellationToken)).FirstOrDefault(factor => factor.Id == factorId) ?? throw NotFound();

    public static AuthException NotFound() => new(StatusCodes.Status404NotFound, "mfa_factor_not_found", "Factor not found");

    public void RequireVerification()
    {
        if (!options.Mfa.TotpVerifyEnabled)
        {
            throw Refused("mfa_totp_verify_not_enabled", "MFA verification is disabled for TOTP");
        }
    }

    public static AuthException Refused(string code, string message) => new(StatusCodes.Status422UnprocessableEntity, code, message);
}
