using System.Text.Json;

namespace Platform.Identity.Domain;

/// <summary>Something that was done to an account, written by the database with the deed. A link of the person's chain of hashes.</summary>
internal sealed class AuditEntry
{
    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public Guid? ActorId { get; private init; }

    public string Action { get; private init; } = "";

    public string? ObjectType { get; private init; }

    public Guid? ObjectId { get; private init; }

    public string? Reason { get; private init; }

    public JsonElement Details { get; private init; }

    public long Sequence { get; private init; }

    public byte[] Hash { get; private init; } = [];

    public DateTimeOffset CreatedAt { get; private init; }
}
