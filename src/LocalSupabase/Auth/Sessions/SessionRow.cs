using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Auth.Sessions;

/// <summary>A row of <c>auth.sessions</c>, with what its user has besides.</summary>
internal sealed record SessionRow(
    Guid Id, Guid UserId, string AssuranceLevel, DateTimeOffset CreatedAt, DateTimeOffset? RefreshedAt, DateTimeOffset? NotAfter,
    bool HasVerifiedFactor, bool HasNewerSession)
{
    private const string Expired = "Invalid Refresh Token: Session Expired";

    public bool IsSecondLevel => AssuranceLevel != "aal1";

    /// <summary>Locks the session, and waits for it.</summary>
    public static Task<SessionRow?> LockAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"select {Columns} from auth.sessions s where s.id = @id for update of s", ("id", id))
            .FirstAsync(Read, cancellationToken);

    /// <summary>The words for why the session has ended; null while it lives.</summary>
    public string? EndedBecause(AuthSessionOptions options, DateTimeOffset now)
    {
        if (NotAfter <= now || CreatedAt + options.Timebox <= now)
        {
            return Expired;
        }

        if ((RefreshedAt ?? CreatedAt) + options.InactivityTimeout <= now)
        {
            return $"{Expired} (Inactivity)";
        }

        if (HasVerifiedFactor && !IsSecondLevel && CreatedAt + options.AllowLowAal <= now)
        {
            return $"{Expired} (Low AAL: User Needs MFA Verification)";
        }

        return options.SinglePerUser && HasNewerSession ? $"{Expired} (Revoked by Newer Login)" : null;
    }

    /// <summary>The columns of a session <c>s</c>, named so that they may stand beside those of its user.</summary>
    public const string Columns =
        """
        s.id as session_id, s.user_id as session_user_id, coalesce(s.aal::text, 'aal1') as session_aal, s.created_at as session_created_at,
          s.refreshed_at at time zone 'utc' as session_refreshed_at, s.not_after as session_not_after,
          exists (select from auth.mfa_factors f where f.user_id = s.user_id and f.status = 'verified') as has_verified_factor,
          exists (select from auth.sessions n where n.user_id = s.user_id and n.created_at > s.created_at) as has_newer_session
        """;

    public static SessionRow Read(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<Guid>(reader.GetOrdinal("session_id")),
        reader.GetFieldValue<Guid>(reader.GetOrdinal("session_user_id")),
        reader.TextOrNull("session_aal") ?? "",
        reader.ValueOrNull<DateTimeOffset>("session_created_at") ?? default,
        reader.ValueOrNull<DateTimeOffset>("session_refreshed_at"),
        reader.ValueOrNull<DateTimeOffset>("session_not_after"),
        reader.GetBoolean(reader.GetOrdinal("has_verified_factor")),
        reader.GetBoolean(reader.GetOrdinal("has_newer_session")));
}
