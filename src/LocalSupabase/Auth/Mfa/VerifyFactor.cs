using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Limits;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Auth.Users;

namespace Platform.LocalSupabase.Auth.Mfa;

internal sealed record VerifyFactorRequest(string? ChallengeId, string? Code);

/// <summary>Takes a code and raises the session. The session's lock puts it in line with refreshes and other verifications.</summary>
internal sealed class VerifyFactor(
    LocalSupabaseOptions options, AuthDatabase database, MfaCaller callers, SessionIssuer sessions, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/factors/{id}/verify", (string id, HttpContext context, VerifyFactor slice) => slice.HandleAsync(id, context))
        .WithMetadata(new LimitedByAddress(AddressLimit.Factors));

    private async Task<IResult> HandleAsync(string id, HttpContext context)
    {
        var (user, sessionId) = await callers.RequireAsync(context);
        callers.RequireVerification();
        var request = await AuthBody.ReadAsync<VerifyFactorRequest>(context.Request);
        await callers.CountAttemptAsync(user, context.RequestAborted);
        var session = await database.InTransactionAsync(
            connection => ApplyAsync(connection, user, sessionId, MfaCaller.IdOf(id), request, context), context.RequestAborted);
        return TypedResults.Json(session);
    }

    private async Task<JsonObject> ApplyAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, Guid factorId, VerifyFactorRequest request, HttpContext context)
    {
        var now = clock.GetUtcNow();
        if (await SessionRow.LockAsync(connection, sessionId, context.RequestAborted) is null)
        {
            throw AuthException.SessionNotFound();
        }

        var factor = await MfaCaller.FindAsync(connection, user, factorId, context.RequestAborted);
        var challengeId = await RequireChallengeAsync(connection, factor, request.ChallengeId, context);
        if (new TotpSecret(factor.Secret ?? "").StepOf(request.Code ?? "", now) is not { } step
            || (options.Mfa.RefuseUsedCodes && !await connection.UseCodeAsync(factor.Id, step, context.RequestAborted)))
        {
            throw MfaCaller.Refused("mfa_verification_failed", "Invalid TOTP code entered");
        }

        await connection.MarkVerifiedAsync(challengeId, factor.Id, user.Id, now, context.RequestAborted);
        await connection.AuditAsync(context, now, "verification_attempted", user, new JsonObject { ["factor_id"] = factor.Id.ToString() });
        var verified = await connection.FindAsync(user.Id, context.RequestAborted) ?? user;
        var session = await sessions.RaiseAsync(connection, verified, sessionId, factor.Id, "totp", context);
        await connection.EndBelowSecondLevelAsync(user.Id, context.RequestAborted);
        return session;
    }

    private async Task<Guid> RequireChallengeAsync(NpgsqlConnection connection, Factor factor, string? id, HttpContext context)
    {
        if (!Guid.TryParse(id, out var challengeId)
            || await connection.FindChallengeForUpdateAsync(challengeId, factor.Id, context.RequestAborted) is not { } challenge)
        {
            throw MfaCaller.Refused("mfa_factor_not_found", "MFA factor with the provided challenge ID not found");
        }

        if (challenge.VerifiedAt is not null || challenge.CreatedAt.AddSeconds(options.Mfa.ExpirySeconds) <= clock.GetUtcNow())
        {
            throw MfaCaller.Refused(
                "mfa_challenge_expired", $"MFA challenge {challengeId} has expired, verify against another challenge or create a new challenge.");
        }

        return challenge.Address.Equals(AuditLog.AddressOf(context) ?? IPAddress.None)
            ? challengeId
            : throw MfaCaller.Refused("mfa_ip_address_mismatch", "Challenge and verify IP addresses mismatch.");
    }
}
