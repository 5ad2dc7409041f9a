namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>
/// Logical decoding tells of a transaction as soon as its commit is in the log, and that is a moment before others see what it did: the
/// committing process still has to leave the list of those that run, and may wait for a standby first. Who reads rows or the catalogue
/// because of a change must read again until it is settled.
/// </summary>
internal static class SettledTransactions
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// SQL: whether a statement does not see all of the transactions of a <c>bigint[]</c> parameter. The log has their ids in 32 bits; the id
    /// that the statement's snapshot expects next tells the others.
    /// </summary>
    public static string AnyIsUnsettled(string parameter) =>
        $"""
        exists (
          select from unnest(@{parameter}) as told (id),
            lateral (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next) as snapshot,
            lateral (select (told.id - snapshot.next) & 4294967295 as distance) as modular
          where distance < 2147483648
            or not pg_visible_in_snapshot((snapshot.next + distance - 4294967296)::text::xid8, pg_current_snapshot()))
        """;

    /// <summary>Waits a little longer each time.</summary>
    public static Task PauseAsync(int attempt, CancellationToken cancellationToken) => Task.Delay(
        TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, 1 << Math.Min(attempt, 10))), cancellationToken);
}
