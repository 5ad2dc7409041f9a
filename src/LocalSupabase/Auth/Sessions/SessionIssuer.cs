using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>Makes sessions and refresh tokens. Every grant ends here, with one round trip to the database.</summary>
internal sealed class SessionIssuer(SessionAnswer answer, TimeProvider clock)
{
    public const int TokenLength = 12;

    private const string TokenAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private const string InsertToken =
        """
        insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
        values ('00000000-0000-0000-0000-000000000000', $1, $2, false, $3, $3, $4, $5)
        """;

    /// <summary>A new session for a user who has just proved who they are.</summary>
    public async Task<JsonObject> StartAsync(
        NpgsqlConnection connection, AuthUser user, string authenticationMethod, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var sessionId = Guid.CreateVersion7(now);
        var refreshToken = NewRefreshToken();
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            "insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip) values ($1, $2, $3, $3, 'aal1', $4, $5)",
            sessionId, user.Id, now, UserAgent(context), AuditLog.AddressOf(context));
        batch.Add(
            "insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values ($1, $2, $3, $3, $4)",
            Guid.CreateVersion7(now), sessionId, now, authenticationMethod);
        batch.Add(InsertToken, refreshToken, user.Id.ToString(), now, null, sessionId);
        batch.Add("update auth.users set last_sign_in_at = $2, updated_at = $2 where id = $1", user.Id, now);
        batch.AddAudit(context, now, "login", user, new JsonObject { ["provider"] = authenticationMethod });
        batch.Add($"select {UserStore.Columns} from auth.users u where u.id = $1", user.Id);
        var signedIn = await batch.LastAsync(UserStore.Read, context.RequestAborted) ?? user;
        return await answer.WriteAsync(
            connection, signedIn, sessionId, Assurance.Of(authenticationMethod, now), refreshToken, authenticationMethod,
            context.RequestAborted);
    }

    /// <summary>The successor of a refresh token, which is good no more.</summary>
    public async Task<JsonObject> SucceedAsync(NpgsqlConnection connection, PresentedToken presented, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var refreshToken = NewRefreshToken();
        await using var batch = new NpgsqlBatch(connection);
        // updated_at is the moment of revocation, so a token that is revoked already keeps its own.
        batch.Add(
            "update auth.refresh_tokens set revoked = true, updated_at = $2 where token = $1 and revoked is not true",
            presented.Token, now);
        batch.Add(InsertToken, refreshToken, presented.User!.Id.ToString(), now, presented.Token, presented.Session!.Id);
        AddRefreshed(batch, presented, now, context);
        await batch.ExecuteNonQueryAsync(context.RequestAborted);
        return await AnswerAsync(connection, presented, refreshToken, context.RequestAborted);
    }

    /// <summary>The active token once more, for a client that comes back after a while without having kept it.</summary>
    public async Task<JsonObject> ContinueAsync(NpgsqlConnection connection, PresentedToken presented, HttpContext context)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddRefreshed(batch, presented, clock.GetUtcNow(), context);
        await batch.ExecuteNonQueryAsync(context.RequestAborted);
        return await RepeatAsync(connection, presented, context.RequestAborted);
    }

    /// <summary>The active token once more. Nothing is written.</summary>
    public Task<JsonObject> RepeatAsync(NpgsqlConnection connection, PresentedToken presented, CancellationToken cancellationToken) =>
        AnswerAsync(connection, presented, presented.Active!.Token, cancellationToken);

    /// <summary>
    /// Raises a session by a second factor. Its refresh tokens from before are gone: none of them may lead to the higher level.
    /// </summary>
    public async Task<JsonObject> RaiseAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, Guid factorId, string authenticationMethod, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var refreshToken = NewRefreshToken();
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("delete from auth.refresh_tokens where session_id = $1", sessionId);
        batch.Add("update auth.sessions set aal = 'aal2', factor_id = $2 where id = $1", sessionId, factorId);
        batch.Add(
            """
            insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values ($1, $2, $3, $3, $4)
            on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at
            """,
            Guid.CreateVersion7(now), sessionId, now, authenticationMethod);
        batch.Add(InsertToken, refreshToken, user.Id.ToString(), now, null, sessionId);
        AddSignOfLife(batch, sessionId, now, context);
        batch.Add($"select {Assurance.Columns} from auth.sessions s where s.id = $1", sessionId);
        var assurance = await batch.LastAsync(Assurance.Read, context.RequestAborted) ?? throw AuthException.SessionNotFound();
        return await answer.WriteAsync(
            connection, user, sessionId, assurance, refreshToken, authenticationMethod, context.RequestAborted);
    }

    private static string NewRefreshToken() => RandomNumberGenerator.GetString(TokenAlphabet, TokenLength);

    private static string UserAgent(HttpContext context) => context.Request.Headers.UserAgent.ToString();

    private static void AddRefreshed(NpgsqlBatch batch, PresentedToken presented, DateTimeOffset now, HttpContext context)
    {
        AddSignOfLife(batch, presented.Session!.Id, now, context);
        batch.AddAudit(context, now, "token_refreshed", presented.User!);
    }

    private static void AddSignOfLife(NpgsqlBatch batch, Guid sessionId, DateTimeOffset now, HttpContext context) => batch.Add(
        "update auth.sessions set refreshed_at = $2 at time zone 'utc', updated_at = $2, user_agent = $3, ip = $4 where id = $1",
        sessionId, now, UserAgent(context), AuditLog.AddressOf(context));

    private Task<JsonObject> AnswerAsync(
        NpgsqlConnection connection, PresentedToken presented, string refreshToken, CancellationToken cancellationToken) =>
        answer.WriteAsync(
            connection, presented.User!, presented.Session!.Id, presented.Assurance, refreshToken, "token_refresh", cancellationToken);
}
