using Npgsql;
using Platform.LocalSupabase.Auth.Users;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>
/// A refresh token that somebody presents, with all that decides what it is worth: who its user is, the session it belongs to, and the
/// token of that session which is good now. One statement reads it, so its parts are of the same moment.
/// </summary>
internal sealed record PresentedToken
{
    public required string Token { get; init; }

    public required bool IsRevoked { get; init; }

    /// <summary>When it was revoked; when it was made, while it is good.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null for a token of old times, which belongs to no session.</summary>
    public required SessionRow? Session { get; init; }

    public required AuthUser? User { get; init; }

    public required Assurance Assurance { get; init; }

    /// <summary>The token of the session that is good now; null when the family was revoked.</summary>
    public required ActiveToken? Active { get; init; }

    /// <summary>Whether it was the last one before the active one: then a client did not get, or did not keep, the answer.</summary>
    public bool IsParentOfActive => IsRevoked && Active?.Parent == Token;

    public static Task<PresentedToken?> FindAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken) =>
        connection.Command(Select, ("token", token)).FirstAsync(Read, cancellationToken);

    /// <summary>
    /// The same, with its session locked until the transaction ends. Null when somebody else holds the lock, or there is no session.
    /// </summary>
    public static async Task<PresentedToken?> LockAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            select s.id from auth.sessions s
            where s.id = (select t.session_id from auth.refresh_tokens t where t.token = $1) for update of s skip locked
            """,
            token);
        // A statement of its own: it sees what was committed before the lock was had.
        batch.Add(Select.Replace("@token", "$1", StringComparison.Ordinal), token);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var isLocked = await reader.ReadAsync(cancellationToken);
        return isLocked && await reader.NextResultAsync(cancellationToken) && await reader.ReadAsync(cancellationToken)
            ? Read(reader)
            : null;
    }

    private const string Select =
        $"""
        select t.token as presented, coalesce(t.revoked, false) as presented_revoked, t.updated_at as presented_updated_at,
          a.token as active, a.parent as active_parent, a.created_at as active_created_at,
          {UserStore.Columns},
          {SessionRow.Columns},
          {Assurance.Columns}
        from auth.refresh_tokens t
        left join auth.sessions s on s.id = t.session_id
        left join auth.users u on u.id = s.user_id
        left join lateral (
          select n.token, n.parent, n.created_at from auth.refresh_tokens n
          where n.session_id = s.id and n.revoked = false order by n.id desc limit 1) a on true
        where t.token = @token
        """;

    private static PresentedToken Read(NpgsqlDataReader reader)
    {
        var hasSession = !reader.IsDBNull(reader.GetOrdinal("session_id"));
        return new PresentedToken
        {
            Token = reader.TextOrNull("presented")!,
            IsRevoked = reader.GetBoolean(reader.GetOrdinal("presented_revoked")),
            UpdatedAt = reader.ValueOrNull<DateTimeOffset>("presented_updated_at") ?? default,
            Session = hasSession ? SessionRow.Read(reader) : null,
            User = hasSession ? UserStore.Read(reader) : null,
            Assurance = Assurance.Read(reader),
            Active = reader.TextOrNull("active") is { } active
                ? new ActiveToken(
                    active, reader.TextOrNull("active_parent") ?? "", reader.ValueOrNull<DateTimeOffset>("active_created_at") ?? default)
                : null,
        };
    }
}

/// <summary>The refresh token of a session that is good now.</summary>
internal sealed record ActiveToken(string Token, string Parent, DateTimeOffset CreatedAt);
