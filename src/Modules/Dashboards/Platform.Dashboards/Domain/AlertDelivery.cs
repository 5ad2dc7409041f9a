namespace Platform.Dashboards.Domain;

/// <summary>How a delivery went.</summary>
/// <param name="IsDelivered">Whether it arrived.</param>
/// <param name="Reason">Why it did not, as a code.</param>
/// <param name="MayHelp">Whether another try may help.</param>
internal sealed record DeliveryOutcome(bool IsDelivered, string? Reason = null, bool MayHelp = false);

/// <summary>A change of an alert's state that somebody is to be told.</summary>
internal sealed class AlertDelivery
{
    public const string Webhook = "webhook";
    public const string Mail = "mail";
    public const string Pending = "pending";
    public const string Delivered = "delivered";
    public const string Failed = "failed";
    public const string Suppressed = "suppressed";
    private const int MaxAttempts = 8;

    /// <summary>For how long whoever took a delivery has it to themselves.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private AlertDelivery(
        Guid id, Guid alertId, Guid userId, string channel, string state, string before, string? detail, DateTimeOffset checkedAt,
        string status, int attempts, DateTimeOffset? nextAttemptAt, DateTimeOffset createdAt)
    {
        (Id, AlertId, UserId, Channel, State, Before, Detail) = (id, alertId, userId, channel, state, before, detail);
        (CheckedAt, Status, Attempts, NextAttemptAt, CreatedAt) = (checkedAt, status, attempts, nextAttemptAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid AlertId { get; private init; }

    public Guid UserId { get; private init; }

    public string Channel { get; private init; }

    public string State { get; private init; }

    public string Before { get; private init; }

    public string? Detail { get; private init; }

    public DateTimeOffset CheckedAt { get; private init; }

    public string Status { get; private set; }

    public int Attempts { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    public string? Reason { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? EndedAt { get; private set; }

    public static AlertDelivery Of(Alert alert, string channel, AlertFinding finding, string before, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), alert.Id, alert.UserId, channel, finding.State, before, finding.Detail, now, Pending, 0, now, now);

    /// <summary>Ends it without a try.</summary>
    public void Suppress(string reason, DateTimeOffset now) => (Status, Reason, NextAttemptAt, EndedAt) = (Suppressed, reason, null, now);

    /// <summary>Takes it for a try.</summary>
    public void Take(DateTimeOffset now) => (Attempts, NextAttemptAt) = (Attempts + 1, now + Lease);

    /// <summary>Writes down how a try went. What may help is tried again, later and later, eight times in all.</summary>
    public void End(DeliveryOutcome outcome, DateTimeOffset now)
    {
        Reason = outcome.Reason;
        if (!outcome.IsDelivered && outcome.MayHelp && Attempts < MaxAttempts)
        {
            NextAttemptAt = now + TimeSpan.FromSeconds(10 * Math.Pow(3, Attempts - 1));
            return;
        }

        (Status, NextAttemptAt, EndedAt) = (outcome.IsDelivered ? Delivered : Failed, null, now);
    }
}
