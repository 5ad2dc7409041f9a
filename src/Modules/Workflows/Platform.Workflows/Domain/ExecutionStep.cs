using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>The states of a step.</summary>
internal static class StepStatus
{
    public const string Pending = "pending";
    public const string Running = "running";
    public const string Waiting = "waiting";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Skipped = "skipped";
    public const string Cancelled = "cancelled";

    public static bool IsFinal(string status) => status is Succeeded or Failed or Skipped or Cancelled;
}

/// <summary>The checkpoint of a step: once it is final, the step never runs again.</summary>
internal sealed class ExecutionStep
{
    private ExecutionStep(
        Guid id, Guid executionId, Guid userId, string key, string type, string status, int attempts, JsonElement log,
        DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, ExecutionId, UserId, Key, Type, Status) = (id, executionId, userId, key, type, status);
        (Attempts, Log, CreatedAt, UpdatedAt) = (attempts, log, createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid ExecutionId { get; private init; }

    public Guid UserId { get; private init; }

    public string Key { get; private init; }

    /// <summary>Of a step with <c>for_each</c>: which item; null is the step as a whole.</summary>
    public int? ItemIndex { get; private init; }

    public string Type { get; private init; }

    public string Status { get; private init; }

    public int Attempts { get; private init; }

    /// <summary>What it took, unless that is a <see cref="Payload"/>.</summary>
    public JsonElement? Input { get; private init; }

    public Guid? InputId { get; private init; }

    /// <summary>What it gave, unless that is a <see cref="Payload"/>.</summary>
    public JsonElement? Output { get; private init; }

    public Guid? OutputId { get; private init; }

    public JsonElement? Error { get; private init; }

    public JsonElement Log { get; private init; }

    public DateTimeOffset? AvailableAt { get; private init; }

    /// <summary>What a waiting step waits for.</summary>
    public string? WaitsFor { get; private init; }

    public DateTimeOffset? StartedAt { get; private init; }

    public DateTimeOffset? CompletedAt { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private init; }

    public bool IsFinal => StepStatus.IsFinal(Status);
}
