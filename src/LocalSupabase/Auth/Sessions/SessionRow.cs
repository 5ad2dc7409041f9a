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

    /// <summary>Locks the session, or gives null when it is gone or somebody else holds it.</summary>
    public static Task<SessionRow?> TryLockAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"{Select} for update of s skip locked", ("id", id)).FirstAsync(Read, cancellationToken);

    /// <summary>Locks the session, and waits for it.</summary>
    public static Task<SessionRow?> LockAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command($"{Select} for update of s", ("id", id)).FirstAsync(Read, cancellationToken);

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

    private const string Select =
        """
        select s.id, s.user_id, coalesce(s.aal::text, 'aal1') as aal, s.created_at, s.refreshed_at at time zone 'utc' as refreshed_at, s.not_after,
          exists (select from auth.mfa_factors f where f.user_id = s.user_id and f.status = 'verified') as has_verified_factor,
          exists (select from auth.sessions n where n.user_id = s.user_id and n.created_at > s.created_at) as has_newer_session
        from auth.sessions s where s.id = @id
        """;

    private static SessionRow Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.ValueOrNull<DateTimeOffset>("created_at") ?? default,
        reader.ValueOrNull<DateTimeOffset>("refreshed_at"), reader.ValueOrNull<DateTimeOffset>("not_after"), reader.GetBoolean(6),
        reader.GetBoolean(7));
}
