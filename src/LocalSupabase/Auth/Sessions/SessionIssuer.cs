using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Auth.Audit;
using Platform.LocalSupabase.Auth.Hooks;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Tokens;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>Makes sessions, refresh tokens and access tokens. Every grant ends here.</summary>
internal sealed class SessionIssuer(LocalSupabaseOptions options, TokenSigner signer, CustomAccessTokenHook hook, TimeProvider clock)
{
    private const string TokenAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    public const int TokenLength = 12;

    /// <summary>A new session for a user who has just proved who they are.</summary>
    public async Task<JsonObject> StartAsync(
        NpgsqlConnection connection, AuthUser user, string authenticationMethod, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var sessionId = Guid.CreateVersion7(now);
        var refreshToken = NewRefreshToken();
        await using (var batch = new NpgsqlBatch(connection))
        {
            Add(batch, "insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip) values ($1, $2, $3, $3, 'aal1', $4, $5)",
                sessionId, user.Id, now, UserAgent(context), AuditLog.AddressOf(context));
            Add(batch, "insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values ($1, $2, $3, $3, $4)",
                Guid.CreateVersion7(now), sessionId, now, authenticationMethod);
            Add(batch, InsertToken, refreshToken, user.Id.ToString(), now, null, sessionId);
            Add(batch, "update auth.users set last_sign_in_at = $2, updated_at = $2 where id = $1", user.Id, now);
            await batch.ExecuteNonQueryAsync(context.RequestAborted);
        }

        await connection.AuditAsync(context, now, "login", user, new JsonObject { ["provider"] = authenticationMethod });
        var signedIn = await connection.FindAsync(user.Id, context.RequestAborted) ?? user;
        return await AnswerAsync(connection, signedIn, sessionId, refreshToken, authenticationMethod, context.RequestAborted);
    }

    /// <summary>The answer of a refresh: the session keeps its id, whatever its refresh token is.</summary>
    public async Task<JsonObject> ContinueAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, string refreshToken, HttpContext context,
        string authenticationMethod = "token_refresh")
    {
        var now = clock.GetUtcNow();
        await connection.Command(
            "update auth.sessions set refreshed_at = @now at time zone 'utc', updated_at = @now, user_agent = @agent, ip = @ip where id = @id",
            ("now", now), ("agent", UserAgent(context)), ("ip", AuditLog.AddressOf(context)), ("id", sessionId)).ExecuteAsync(context.RequestAborted);
        return await AnswerAsync(connection, user, sessionId, refreshToken, authenticationMethod, context.RequestAborted);
    }

    /// <summary>
    /// Raises a session by a second factor. Its refresh tokens from before are gone: none of them may lead to the higher level.
    /// </summary>
    public async Task<JsonObject> RaiseAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, Guid factorId, string authenticationMethod, HttpContext context)
    {
        var now = clock.GetUtcNow();
        await using (var batch = new NpgsqlBatch(connection))
        {
            Add(batch, "delete from auth.refresh_tokens where session_id = $1", sessionId);
            Add(batch, "update auth.sessions set aal = 'aal2', factor_id = $2 where id = $1", sessionId, factorId);
            Add(batch, """
                insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values ($1, $2, $3, $3, $4)
                on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at
                """, Guid.CreateVersion7(now), sessionId, now, authenticationMethod);
            await batch.ExecuteNonQueryAsync(context.RequestAborted);
        }

        var refreshToken = await SucceedAsync(connection, user.Id, sessionId, parent: null, context.RequestAborted);
        return await ContinueAsync(connection, user, sessionId, refreshToken, context, authenticationMethod);
    }

    /// <summary>Inserts the successor of a refresh token.</summary>
    public async Task<string> SucceedAsync(
        NpgsqlConnection connection, Guid userId, Guid sessionId, string? parent, CancellationToken cancellationToken)
    {
        var token = NewRefreshToken();
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, InsertToken, token, userId.ToString(), clock.GetUtcNow(), parent, sessionId);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return token;
    }

    private const string InsertToken =
        """
        insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
        values ('00000000-0000-0000-0000-000000000000', $1, $2, false, $3, $3, $4, $5)
        """;

    private static string NewRefreshToken() => RandomNumberGenerator.GetString(TokenAlphabet, TokenLength);

    private static string UserAgent(HttpContext context) => context.Request.Headers.UserAgent.ToString();

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        batch.BatchCommands.Add(command);
    }

    private async Task<JsonObject> AnswerAsync(
        NpgsqlConnection connection, AuthUser user, Guid sessionId, string refreshToken, string authenticationMethod,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (level, methods) = await ReadAssuranceAsync(connection, sessionId, cancellationToken);
        var expiresAt = now + options.AccessTokenLifetime;
        var payload = new JsonObject
        {
            ["iss"] = options.TokenIssuer,
            ["sub"] = user.Id.ToString(),
            ["aud"] = user.Audience,
            ["exp"] = expiresAt.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["email"] = user.Email ?? "",
            ["phone"] = user.Phone ?? "",
            ["app_metadata"] = user.AppMetadata.DeepClone(),
            ["user_metadata"] = user.UserMetadata.DeepClone(),
            ["role"] = user.Role,
            ["aal"] = level,
            ["amr"] = methods,
            ["session_id"] = sessionId.ToString(),
            ["is_anonymous"] = user.IsAnonymous,
        };
        return new JsonObject
        {
            ["access_token"] = signer.Sign(await hook.ApplyAsync(connection, payload, authenticationMethod, cancellationToken)),
            ["token_type"] = "bearer",
            ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
            ["expires_at"] = expiresAt.ToUnixTimeSeconds(),
            ["refresh_token"] = refreshToken,
            ["user"] = user.ToJson(),
        };
    }

    private static async Task<(string Level, JsonArray Methods)> ReadAssuranceAsync(
        NpgsqlConnection connection, Guid sessionId, CancellationToken cancellationToken)
    {
        const string sql =
            """
            select coalesce(s.aal::text, 'aal1'), coalesce(jsonb_agg(
              jsonb_build_object('method', c.authentication_method, 'timestamp', floor(extract(epoch from c.updated_at))::bigint)
              order by c.updated_at desc) filter (where c.id is not null), '[]')::text
            from auth.sessions s left join auth.mfa_amr_claims c on c.session_id = s.id
            where s.id = @id
            group by s.id
            """;
        var row = await connection.Command(sql, ("id", sessionId))
            .FirstAsync(reader => Tuple.Create(reader.GetString(0), reader.GetString(1)), cancellationToken);
        return row is null ? ("aal1", []) : (row.Item1, JsonNode.Parse(row.Item2)!.AsArray());
    }
}
