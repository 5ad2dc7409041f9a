using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>An event that a trigger waits for, until the engine has taken it. Functions of the schema add these.</summary>
internal sealed class TriggerFiring
{
    private TriggerFiring(
        Guid id, Guid triggerId, Guid userId, Guid eventId, string eventName, JsonElement payload, int depth, DateTimeOffset occurredAt)
    {
        (Id, TriggerId, UserId, EventId, EventName) = (id, triggerId, userId, eventId, eventName);
        (Payload, Depth, OccurredAt) = (payload, depth, occurredAt);
    }

    public Guid Id { get; private init; }

    public Guid TriggerId { get; private init; }

    public Guid UserId { get; private init; }

    public Guid EventId { get; private init; }

    /// <summary>The event's name on the wire.</summary>
    public string EventName { get; private init; }

    /// <summary>What the event says.</summary>
    public JsonElement Payload { get; private init; }

    /// <summary>How many executions led to it one after the other.</summary>
    public int Depth { get; private init; }

    public DateTimeOffset OccurredAt { get; private init; }
}
