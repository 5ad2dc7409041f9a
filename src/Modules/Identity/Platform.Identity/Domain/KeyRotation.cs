namespace Platform.Identity.Domain;

/// <summary>The progress of wrapping everybody's data keys with a newer master key.</summary>
internal sealed class KeyRotation
{
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";

    private KeyRotation(Guid id, Guid userId, string masterKeyId, string status) =>
        (Id, UserId, MasterKeyId, Status) = (id, userId, masterKeyId, status);

    public Guid Id { get; private init; }

    /// <summary>Who of the staff has started it.</summary>
    public Guid UserId { get; private init; }

    public string MasterKeyId { get; private init; }

    public string Status { get; private set; }

    public long Total { get; private set; }

    public long Done { get; private set; }

    /// <summary>Data keys whose master key is not at hand.</summary>
    public long Unreadable { get; private set; }

    public Guid LastKeyId { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Some keys were passed.</summary>
    public void Advance(int wrapped, int unreadable, Guid lastKeyId, DateTimeOffset now)
    {
        (Done, Unreadable, LastKeyId, UpdatedAt) = (Done + wrapped, Unreadable + unreadable, lastKeyId, now);
        Total = Math.Max(Total, Done + Unreadable);
    }

    /// <summary>There are no more. With keys that could not be opened it has failed: their master key is needed still.</summary>
    public void Complete(DateTimeOffset now) =>
        (Status, CompletedAt, UpdatedAt) = (Unreadable == 0 ? Succeeded : Failed, now, now);
}
