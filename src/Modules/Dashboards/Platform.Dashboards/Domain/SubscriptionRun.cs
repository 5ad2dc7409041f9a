namespace Platform.Dashboards.Domain;

/// <summary>One mail of a subscription, for one time that was due.</summary>
internal sealed class SubscriptionRun
{
    public const string Pending = "pending";
    public const string Sending = "sending";
    public const string Sent = "sent";
    public const string Failed = "failed";

    /// <summary>Whoever was sending it died: it may have left, so it is not sent again.</summary>
    public const string Interrupted = "interrupted";
    private const int MaxAttempts = 5;

    /// <summary>For how long whoever took a run has it to themselves.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private SubscriptionRun(
        Guid id, Guid subscriptionId, Guid userId, DateTimeOffset dueAt, string status, int attempts, DateTimeOffset? nextAttemptAt,
        DateTimeOffset createdAt)
    {
        (Id, SubscriptionId, UserId, DueAt) = (id, subscriptionId, userId, dueAt);
        (Status, Attempts, NextAttemptAt, CreatedAt) = (status, attempts, nextAttemptAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid SubscriptionId { get; private init; }

    public Guid UserId { get; private init; }

    public DateTimeOffset DueAt { get; private init; }

    public string Status { get; private set; }

    public int Attempts { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    public string? Reason { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? EndedAt { get; private set; }

    public static SubscriptionRun Of(Subscription subscription, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), subscription.Id, subscription.UserId, subscription.NextRunAt ?? now, Pending, 0, now, now);

    /// <summary>Takes it to draw and send it.</summary>
    public void Take(DateTimeOffset now) => (Attempts, NextAttemptAt) = (Attempts + 1, now + Lease);

    /// <summary>Says that the mail is handed over from now on.</summary>
    public void Send(DateTimeOffset now) => (Status, NextAttemptAt) = (Sending, now + Lease);

    /// <summary>Another try later, if there is one left.</summary>
    public void Retry(string reason, DateTimeOffset now)
    {
        if (Attempts >= MaxAttempts)
        {
            End(Failed, reason, now);
            return;
        }

        (Status, Reason, NextAttemptAt) = (Pending, reason, now + TimeSpan.FromMinutes(Math.Pow(3, Attempts - 1)));
    }

    public void End(string status, string? reason, DateTimeOffset now) => (Status, Reason, NextAttemptAt, EndedAt) = (status, reason, null, now);
}
