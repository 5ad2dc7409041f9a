using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Users;
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
            var outcome = await database.InTransactionAsync(
                connection => TryAsync(connection, token, context), context.RequestAborted);
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

    private async Task<Outcome> TryAsync(NpgsqlConnection connection, string token, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        var known = await FindTokenAsync(connection, token, cancellationToken);
        if (known is null)
        {
            return Refuse("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
        }

        var user = Guid.TryParse(known.UserId, out var userId) ? await connection.FindAsync(userId, cancellationToken) : null;
        if (user?.IsBannedAt(clock.GetUtcNow()) == true)
        {
            return Refuse("user_banned", "Invalid Refresh Token: User Banned");
        }

        if (user is null || known.SessionId is not { } sessionId)
        {
            return Refuse("session_not_found", "Invalid Refresh Token: No Valid Session Found");
        }

        var session = await SessionRow.TryLockAsync(connection, sessionId, cancellationToken);
        if (session is null)
        {
            var exists = await connection.Command("select 1 from auth.sessions where id = @id", ("id", sessionId))
                .ScalarAsync<int>(cancellationToken);
            return exists == 1 ? new Busy() : Refuse("session_not_found", "Invalid Refresh Token: No Valid Session Found");
        }

        if (session.EndedBecause(options.Sessions, clock.GetUtcNow()) is { } reason)
        {
            return Refuse("session_expired", reason);
        }

        // Read again: only under the session's lock is it known who is active.
        return await FindTokenAsync(connection, token, cancellationToken) is { } current
            ? await RotateAsync(connection, user, sessionId, current, context)
            : Refuse("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
    }

    private async Task<Outcome> RotateAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, RefreshToken presented, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        string issued;
        if (!presented.Revoked)
        {
            await RevokeAsync(connection, "token = @key", presented.Token, cancellationToken);
            issued = await sessions.SucceedAsync(connection, user.Id, sessionId, presented.Token, cancellationToken);
        }
        else if (await FindActiveAsync(connection, sessionId, cancellationToken) is not { } active)
        {
            // The family was revoked, so nobody may go on with it, however short ago that was.
            return Refuse("refresh_token_already_used", "Invalid Refresh Token: Already Used");
        }
        else if (active.Parent == presented.Token)
        {
            issued = active.Token;
        }
        else if (presented.UpdatedAt + options.Sessions.RefreshTokenReuseInterval > clock.GetUtcNow())
        {
            issued = await sessions.SucceedAsync(connection, user.Id, sessionId, presented.Token, cancellationToken);
        }
        else
        {
            await RevokeAsync(connection, "session_id = @key", sessionId, cancellationToken);
            await connection.AuditAsync(context, clock.GetUtcNow(), "token_revoked", user);
            return Refuse("refresh_token_already_used", "Invalid Refresh Token: Already Used");
        }

        await connection.AuditAsync(context, clock.GetUtcNow(), "token_refreshed", user);
        return new Granted(await sessions.ContinueAsync(connection, user, sessionId, issued, context));
    }

    private const string SelectToken =
        "select token, user_id, session_id, coalesce(parent, ''), coalesce(revoked, false), updated_at from auth.refresh_tokens";

    private static Task<RefreshToken?> FindTokenAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken) =>
        connection.Command($"{SelectToken} where token = @token", ("token", token)).FirstAsync(Read, cancellationToken);

    private static Task<RefreshToken?> FindActiveAsync(NpgsqlConnection connection, Guid sessionId, CancellationToken cancellationToken) =>
        connection.Command($"{SelectToken} where session_id = @session and revoked = false order by id desc limit 1", ("session", sessionId))
            .FirstAsync(Read, cancellationToken);

    // updated_at is the moment of revocation, so a token that is revoked already keeps its own.
    private Task<int> RevokeAsync(NpgsqlConnection connection, string which, object key, CancellationToken cancellationToken) =>
        connection.Command(
            $"update auth.refresh_tokens set revoked = true, updated_at = @now where {which} and revoked is not true",
            ("now", clock.GetUtcNow()), ("key", key)).ExecuteAsync(cancellationToken);

    private static RefreshToken Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.ValueOrNull<Guid>("session_id"), reader.GetString(3), reader.GetBoolean(4),
        reader.ValueOrNull<DateTimeOffset>("updated_at") ?? default);

    private static Refused Refuse(string code, string message) =>
        new(new AuthException(StatusCodes.Status400BadRequest, code, message));

    private sealed record RefreshToken(string Token, string UserId, Guid? SessionId, string Parent, bool Revoked, DateTimeOffset UpdatedAt);

    /// <summary>A refusal is a value and not an exception: what it changed must be committed.</summary>
    private abstract record Outcome;

    private sealed record Granted(JsonObject Session) : Outcome;

    private sealed record Refused(AuthException Reason) : Outcome;

    private sealed record Busy : Outcome;
}
