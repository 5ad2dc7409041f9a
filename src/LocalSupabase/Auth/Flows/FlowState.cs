using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>A sign-in that is under way in a browser: a row of <c>auth.flow_state</c>.</summary>
internal sealed record FlowState
{
    /// <summary>How long somebody may take at the provider.</summary>
    public static readonly TimeSpan SignInTime = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan CodeTime = TimeSpan.FromMinutes(5);

    public required Guid Id { get; init; }

    public required string ProviderType { get; init; }

    public required string AuthenticationMethod { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where the browser goes at the end.</summary>
    public string? Referrer { get; init; }

    public CodeChallenge? Challenge { get; init; }

    /// <summary>The signed-in user who links another account.</summary>
    public Guid? LinkingTargetId { get; init; }

    public Guid? UserId { get; init; }

    public string? AuthCode { get; init; }

    public DateTimeOffset? AuthCodeIssuedAt { get; init; }

    public string? ProviderAccessToken { get; init; }

    public string? ProviderRefreshToken { get; init; }

    public bool IsExpiredAt(DateTimeOffset now) => (AuthCodeIssuedAt + CodeTime ?? CreatedAt + SignInTime) <= now;
}

/// <summary>Reads and writes flows on a connection that the caller owns.</summary>
internal static class FlowStore
{
    private const string Select =
        """
        select id, provider_type, authentication_method, created_at, referrer, code_challenge, code_challenge_method::text as method,
          linking_target_id, user_id, auth_code, auth_code_issued_at, provider_access_token, provider_refresh_token
        from auth.flow_state
        """;

    /// <summary>Adds the flow, and forgets those that nobody came back from.</summary>
    public static Task InsertFlowAsync(this NpgsqlConnection connection, FlowState flow, CancellationToken cancellationToken) =>
        connection.Command(
            """
            with abandoned as (delete from auth.flow_state where created_at < @now - interval '1 day')
            insert into auth.flow_state (id, provider_type, authentication_method, created_at, updated_at, referrer, code_challenge,
              code_challenge_method, linking_target_id, user_id, auth_code, auth_code_issued_at, provider_access_token, provider_refresh_token)
            values (@id, @provider, @method, @now, @now, @referrer, @challenge, @challenge_method::auth.code_challenge_method, @target, @user,
              @code, @issued, @token, @refresh)
            """,
            ("id", flow.Id), ("provider", flow.ProviderType), ("method", flow.AuthenticationMethod), ("now", flow.CreatedAt),
            ("referrer", flow.Referrer), ("challenge", flow.Challenge?.Challenge), ("challenge_method", flow.Challenge?.Method),
            ("target", flow.LinkingTargetId), ("user", flow.UserId), ("code", flow.AuthCode), ("issued", flow.AuthCodeIssuedAt),
            ("token", flow.ProviderAccessToken), ("refresh", flow.ProviderRefreshToken)).ExecuteAsync(cancellationToken);

    public static Task<FlowState?> FindFlowForUpdateAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"{Select} where id = @id for update", ("id", id)).FirstAsync(Read, cancellationToken);

    public static Task<FlowState?> FindFlowByCodeForUpdateAsync(
        this NpgsqlConnection connection, string code, CancellationToken cancellationToken) =>
        connection.Command($"{Select} where auth_code = @code for update", ("code", code)).FirstAsync(Read, cancellationToken);

    public static Task DeleteFlowAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command("delete from auth.flow_state where id = @id", ("id", id)).ExecuteAsync(cancellationToken);

    private static FlowState Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        ProviderType = reader.GetString(1),
        AuthenticationMethod = reader.GetString(2),
        CreatedAt = reader.ValueOrNull<DateTimeOffset>("created_at") ?? default,
        Referrer = reader.TextOrNull("referrer"),
        Challenge = reader.TextOrNull("code_challenge") is { Length: > 0 } challenge
            ? new CodeChallenge(challenge, reader.TextOrNull("method") ?? "plain")
            : null,
        LinkingTargetId = reader.ValueOrNull<Guid>("linking_target_id"),
        UserId = reader.ValueOrNull<Guid>("user_id"),
        AuthCode = reader.TextOrNull("auth_code"),
        AuthCodeIssuedAt = reader.ValueOrNull<DateTimeOffset>("auth_code_issued_at"),
        ProviderAccessToken = reader.TextOrNull("provider_access_token"),
        ProviderRefreshToken = reader.TextOrNull("provider_refresh_token"),
    };
}
