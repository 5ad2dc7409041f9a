using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Sessions;

internal sealed record RefreshTokenGrantRequest(string? RefreshToken);

/// <summary>
/// Rotates refresh tokens. A token is good once; but a client that lost the answer may repeat the call (the parent of the active
/// token), and two tabs may call at once (the reuse interval). Any other reuse means that somebody stole the token, and ends the
/// session for everybody.
/// </summary>
internal sealed class RefreshTokenGrant(LocalSupabaseOptions options, AuthDatabase database, SessionIssuer sessions, TimeProvider clock)
    : IGrant
{
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(5);

    public string GrantType => "refresh_token";

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        var request = await AuthBody.ReadAsync<RefreshTokenGrantRequest>(context.Request);
        var token = request.RefreshToken ?? "";
        if (token.Length != SessionIssuer.TokenLength || token.Any(letter => !char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter)))
        {
            throw AuthException.Validation("Refresh token is not valid");
        }

        var started = clock.GetTimestamp();
        while (true)
        {
            var outcome = await TryAsync(token, context);
            if (outcome is not Busy)
            {
                return outcome is Granted granted ? TypedResults.Json(granted.Session) : throw ((Refused)outcome).Reason;
            }

            if (clock.GetElapsedTime(started) > LockWait)
            {
                throw new AuthException(
                    StatusCodes.Status409Conflict, "conflict", "Too many concurrent token refresh requests on the same session or refresh token");
            }

            // Outside the transaction: a waiting refresh must not keep a connection from the one it waits for.
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(10, 31)), clock, context.RequestAborted);
        }
    }

    private async Task<Outcome> TryAsync(string token, HttpContext context)
    {
        await using var connection = await database.OpenAsync(context.RequestAborted);
        var seen = await PresentedToken.FindAsync(connection, token, context.RequestAborted);
        if (RefusalOf(seen) is { } refused)
        {
            return refused;
        }

        if (IsRepeat(seen!))
        {
            // Nothing changes, so nothing is locked or written: of many tabs that call at once all but the first end here.
            return new Granted(await sessions.RepeatAsync(connection, seen!, context.RequestAborted));
        }

        await using var transaction = await connection.BeginTransactionAsync(context.RequestAborted);
        var outcome = await PresentedToken.LockAsync(connection, token, context.RequestAborted) is { } held
            ? RefusalOf(held) ?? await RotateAsync(connection, held, context)
            : new Busy();
        await transaction.CommitAsync(context.RequestAborted);
        return outcome;
    }

    private Refused? RefusalOf(PresentedToken? token)
    {
        if (token is null)
        {
            return Refuse("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
        }

        if (token is not { User: { } user, Session: { } session })
        {
            return Refuse("session_not_found", "Invalid Refresh Token: No Valid Session Found");
        }

        var now = clock.GetUtcNow();
        return user.IsBannedAt(now) ? Refuse("user_banned", "Invalid Refresh Token: User Banned")
            : session.EndedBecause(options.Sessions, now) is { } reason ? Refuse("session_expired", reason)
            : null;
    }

    /// <summary>Later than the reuse interval it is still the active token that is given, but as a sign of life of the session.</summary>
    private bool IsRepeat(PresentedToken token) =>
        token.IsParentOfActive && token.Active!.CreatedAt + options.Sessions.RefreshTokenReuseInterval > clock.GetUtcNow();

    private async Task<Outcome> RotateAsync(NpgsqlConnection connection, PresentedToken token, HttpContext context)
    {
        if (token.IsParentOfActive)
        {
            return new Granted(IsRepeat(token)
                ? await sessions.RepeatAsync(connection, token, context.RequestAborted)
                : await sessions.ContinueAsync(connection, token, context));
        }

        if (token.Active is null)
        {
            // The family was revoked, so nobody may go on with it, however short ago that was.
            return Refuse("refresh_token_already_used", "Invalid Refresh Token: Already Used");
        }

        if (!token.IsRevoked || token.UpdatedAt + options.Sessions.RefreshTokenReuseInterval > clock.GetUtcNow())
        {
            return new Granted(await sessions.SucceedAsync(connection, token, context));
        }

        await EndFamilyAsync(connection, token, context);
        return Refuse("refresh_token_already_used", "Invalid Refresh Token: Already Used");
    }

    // updated_at is the moment of revocation, so a token that is revoked already keeps its own.
    private async Task EndFamilyAsync(NpgsqlConnection connection, PresentedToken token, HttpContext context)
    {
        var now = clock.GetUtcNow();
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            "update auth.refresh_tokens set revoked = true, updated_at = $2 where session_id = $1 and revoked is not true",
            token.Session!.Id, now);
        batch.AddAudit(context, now, "token_revoked", token.User!);
        await batch.ExecuteNonQueryAsync(context.RequestAborted);
    }

    private static Refused Refuse(string code, string message) =>
        new(new AuthException(StatusCodes.Status400BadRequest, code, message));

    /// <summary>A refusal is a value and not an exception: what it changed must be committed.</summary>
    private abstract record Outcome;

    private sealed record Granted(JsonObject Session) : Outcome;

    private sealed record Refused(AuthException Reason) : Outcome;

    private sealed record Busy : Outcome;
}
