using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>The states of an execution.</summary>
internal static class ExecutionStatus
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Waiting = "waiting";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool IsFinal(string status) => status is Succeeded or Failed or Cancelled;
}

/// <summary>
/// One run of a published version. Its row is the queue: whoever holds the newest fencing number works it, and alone changes it, with
/// functions of the schema that look at the number.
/// </summary>
internal sealed class Execution
{
    public const int MaxErrorLength = 4000;

    private Execution(
        Guid id, Guid workflowId, Guid userId, int version, string trigger, string? dedupeKey, JsonElement executionData, string status,
        DateTimeOffset createdAt, DateTimeOffset updatedAt, DateTimeOffset availableAt)
    {
        (Id, WorkflowId, UserId, Version, Trigger, DedupeKey) = (id, workflowId, userId, version, trigger, dedupeKey);
        (ExecutionData, Status, CreatedAt, UpdatedAt, AvailableAt) = (executionData, status, createdAt, updatedAt, availableAt);
    }

    public Guid Id { get; private init; }

    public Guid WorkflowId { get; private init; }

    public Guid UserId { get; private init; }

    public int Version { get; private init; }

    public string Trigger { get; private init; }

    public string? DedupeKey { get; private init; }

    public JsonElement ExecutionData { get; private init; }

    public string Status { get; private init; }

    /// <summary>What it came to, unless that is a <see cref="Payload"/>.</summary>
    public JsonElement? Results { get; private init; }

    public Guid? ResultsId { get; private init; }

    public string? ErrorCode { get; private init; }

    public string? Error { get; private init; }

    public DateTimeOffset? CancelRequestedAt { get; private init; }

    public DateTimeOffset? DeadLetteredAt { get; private init; }

    public DateTimeOffset? StartedAt { get; private init; }

    public DateTimeOffset? CompletedAt { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private init; }

    public DateTimeOffset AvailableAt { get; private init; }

    public Guid? ParentExecutionId { get; private init; }

    /// <summary>The trigger that started it, or null.</summary>
    public Guid? TriggerId { get; private init; }

    public Guid? RetryOf { get; private init; }

    /// <summary>How many executions are above this one.</summary>
    public int Depth { get; private init; }

    public string? ConcurrencyKey { get; private init; }

    public int? ConcurrencyLimit { get; private init; }

    public bool IsFinal => ExecutionStatus.IsFinal(Status);

    /// <summary>A new execution, which stands in line from the commit on.</summary>
    /// <param name="workflow">A published workflow.</param>
    /// <param name="cause">What started it, and above which execution it stands.</param>
    /// <param name="concurrency">What it counts against, or null.</param>
    /// <param name="now">The time.</param>
    public static Execution Create(Workflow workflow, ExecutionCause cause, ConcurrencySlot? concurrency, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), workflow.Id, workflow.UserId, workflow.PublishedVersion!.Value, cause.Trigger, cause.DedupeKey, cause.Input,
            ExecutionStatus.Queued, now, now, now)
        {
            ParentExecutionId = cause.ParentId,
            TriggerId = cause.TriggerId,
            Depth = cause.Depth,
            ConcurrencyKey = concurrency?.Key,
            ConcurrencyLimit = concurrency?.Limit,
        };
}

/// <summary>Why there is an execution.</summary>
/// <param name="Trigger">What started it.</param>
/// <param name="Input">What the steps see as <c>input</c>.</param>
/// <param name="DedupeKey">The same cause gives the same key; null for none.</param>
/// <param name="ParentId">The execution that started it as a sub-workflow, or null.</param>
/// <param name="Depth">How many executions are above it.</param>
/// <param name="TriggerId">The trigger that started it, or null.</param>
internal sealed record ExecutionCause(
    string Trigger, JsonElement Input, string? DedupeKey = null, Guid? ParentId = null, int Depth = 0, Guid? TriggerId = null);

/// <summary>What an execution counts against.</summary>
/// <param name="Key">Executions with the same key count together.</param>
/// <param name="Limit">How many of them run at once.</param>
internal sealed record ConcurrencySlot(string Key, int Limit);
