using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>Reads and writes <c>auth.flow_state</c> on a connection that the caller owns.</summary>
internal static class FlowStateStore
{
    private const string SelectFlow =
        """
        select id, user_id, auth_code, code_challenge, code_challenge_method::text as method, provider_type, authentication_method,
          provider_access_token, provider_refresh_token, referrer, linking_target_id, created_at, auth_code_issued_at
        from auth.flow_state
        """;

    /// <summary>Stores a flow that begins.</summary>
    public static Task BeginFlowAsync(this NpgsqlConnection connection, FlowState flow, CancellationToken cancellationToken) =>
        connection.Command(
            """
            insert into auth.flow_state (id, user_id, auth_code, code_challenge, code_challenge_method, provider_type,
              authentication_method, referrer, linking_target_id, created_at, updated_at)
            values (@id, @user, @code, @challenge, @method::auth.code_challenge_method, @provider,
              @authentication, @referrer, @target, @now, @now)
            """,
            ("id", flow.Id), ("user", flow.UserId), ("code", flow.AuthCode),
            ("challenge", flow.Challenge?.Challenge), ("method", flow.Challenge?.Method), ("provider", flow.ProviderType),
            ("authentication", flow.AuthenticationMethod), ("referrer", flow.Referrer), ("target", flow.LinkingTargetId),
            ("now", flow.CreatedAt)).ExecuteAsync(cancellationToken);

    /// <summary>The flow, locked until the transaction ends, so that it ends once.</summary>
    public static Task<FlowState?> FindFlowForUpdateAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"{SelectFlow} where id = @id for update", ("id", id)).FirstAsync(Read, cancellationToken);

    /// <summary>The flow of a code, locked until the transaction ends, so that the code is good once.</summary>
    public static Task<FlowState?> FindFlowByCodeForUpdateAsync(
        this NpgsqlConnection connection, string authCode, CancellationToken cancellationToken) =>
        connection.Command($"{SelectFlow} where auth_code = @code for update", ("code", authCode)).FirstAsync(Read, cancellationToken);

    /// <summary>The newest flow that a user began this way and that no code was handed out for.</summary>
    public static Task<FlowState?> FindPendingFlowAsync(
        this NpgsqlConnection connection, Guid userId, string authenticationMethod, CancellationToken cancellationToken) =>
        connection.Command(
            $"""
            {SelectFlow} where user_id = @user and authentication_method = @method and auth_code_issued_at is null
            order by created_at desc limit 1 for update
            """,
            ("user", userId), ("method", authenticationMethod)).FirstAsync(Read, cancellationToken);

    /// <summary>Hands out the code: from now on it may be traded for a session of this user.</summary>
    public static Task CompleteFlowAsync(
        this NpgsqlConnection connection, FlowState flow, Guid userId, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.Command(
            """
            update auth.flow_state set user_id = @user, auth_code_issued_at = @now, updated_at = @now,
              provider_access_token = @access, provider_refresh_token = @refresh
            where id = @id
            """,
            ("id", flow.Id), ("user", userId), ("now", now), ("access", flow.ProviderAccessToken), ("refresh", flow.ProviderRefreshToken))
            .ExecuteAsync(cancellationToken);

    public static Task EndFlowAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command("delete from auth.flow_state where id = @id", ("id", id)).ExecuteAsync(cancellationToken);

    private static FlowState Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetFieldValue<Guid>(reader.GetOrdinal("id")),
        UserId = reader.ValueOrNull<Guid>("user_id"),
        AuthCode = reader.TextOrNull("auth_code") ?? "",
        Challenge = reader.TextOrNull("code_challenge") is { Length: > 0 } challenge
            ? new CodeChallenge(challenge, reader.TextOrNull("method") ?? "")
            : null,
        ProviderType = reader.TextOrNull("provider_type") ?? "",
        AuthenticationMethod = reader.TextOrNull("authentication_method") ?? "",
        ProviderAccessToken = reader.TextOrNull("provider_access_token"),
        ProviderRefreshToken = reader.TextOrNull("provider_refresh_token"),
        Referrer = reader.TextOrNull("referrer"),
        LinkingTargetId = reader.ValueOrNull<Guid>("linking_target_id"),
        CreatedAt = reader.ValueOrNull<DateTimeOffset>("created_at") ?? default,
        AuthCodeIssuedAt = reader.ValueOrNull<DateTimeOffset>("auth_code_issued_at"),
    };
}
