namespace Platform.Connectors.Domain;

/// <summary>
/// What checks in the background have found of a source. A status changes when several checks in a row contradict it: two, and more where
/// it has changed again and again. A source that stays broken is asked ever more rarely.
/// </summary>
internal sealed class ConnectorHealth(Guid connectorId, Guid userId, DateTimeOffset nextCheckAt)
{
    private const int MaxFlaps = 4;
    private static readonly TimeSpan ConfirmAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FlapWithin = TimeSpan.FromMinutes(10);

    public Guid ConnectorId { get; private init; } = connectorId;

    public Guid UserId { get; private init; } = userId;

    public DateTimeOffset? CheckedAt { get; private set; }

    /// <summary>When the source last answered.</summary>
    public DateTimeOffset? OkAt { get; private set; }

    /// <summary>What the last check has found.</summary>
    public string? Code { get; private set; }

    /// <summary>How many checks in a row contradict the connector's status.</summary>
    public int Contrary { get; private set; }

    /// <summary>How many checks in a row have failed.</summary>
    public int Failures { get; private set; }

    /// <summary>How often the status has changed shortly after it had changed.</summary>
    public int Flaps { get; private set; }

    public DateTimeOffset? ChangedAt { get; private set; }

    public DateTimeOffset NextCheckAt { get; private set; } = nextCheckAt;

    /// <summary>Keeps what a check has found.</summary>
    /// <param name="ok">Whether the source answered.</param>
    /// <param name="code">Why it did not.</param>
    /// <param name="status">The connector's status.</param>
    /// <param name="period">How often a healthy source is asked; the caller has spread it.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether the connector's status is to change to what was found.</returns>
    public bool Record(bool ok, string code, string status, TimeSpan period, DateTimeOffset now)
    {
        (CheckedAt, Code, Failures) = (now, code, ok ? 0 : Failures + 1);
        OkAt = ok ? now : OkAt;
        var contradicts = status != (ok ? ConnectorStatus.Active : ConnectorStatus.Error);
        Contrary = contradicts ? Contrary + 1 : 0;
        var needed = ok && status == ConnectorStatus.Pending ? 1 : 2 + Math.Min(Flaps, MaxFlaps);
        var changes = Contrary >= needed;
        if (changes)
        {
            // The first answer of a new source is no change back.
            Flaps = ChangedAt is { } last && now - last < FlapWithin ? Flaps + 1 : 0;
            (ChangedAt, Contrary) = (status == ConnectorStatus.Pending ? ChangedAt : now, 0);
        }

        NextCheckAt = now + (contradicts && !changes ? ConfirmAfter : ok ? period : BackOff(period));
        return changes;
    }

    // The period again and again doubled; the first two failures have only shown that the source is broken.
    private TimeSpan BackOff(TimeSpan period)
    {
        var doubled = period * Math.Pow(2, Math.Clamp(Failures - 2, 0, 16));
        return doubled < LongestBackOff ? doubled : LongestBackOff;
    }
}
