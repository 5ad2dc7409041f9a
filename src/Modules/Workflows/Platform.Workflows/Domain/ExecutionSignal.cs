using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>Something that is said to an execution from outside. It may come before anybody waits for it.</summary>
internal sealed class ExecutionSignal
{
    private ExecutionSignal(Guid id, Guid executionId, Guid userId, string name, JsonElement? payload, DateTimeOffset createdAt) =>
        (Id, ExecutionId, UserId, Name, Payload, CreatedAt) = (id, executionId, userId, name, payload, createdAt);

    public Guid Id { get; private init; }

    public Guid ExecutionId { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private init; }

    public JsonElement? Payload { get; private init; }

    /// <summary>When a step took it; null while none has.</summary>
    public DateTimeOffset? ConsumedAt { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static ExecutionSignal Create(Execution execution, string name, JsonElement? payload, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), execution.Id, execution.UserId, name, payload, now);
}
