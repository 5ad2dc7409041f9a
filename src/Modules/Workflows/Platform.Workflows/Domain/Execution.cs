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

/// <summary>One run of a published version. Its row is the queue: whoever holds the newest fencing number works it.</summary>
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

    public string Status { get; private set; }

    public JsonElement? Results { get; private set; }

    public string? ErrorCode { get; private set; }

    public string? Error { get; private set; }

    public DateTimeOffset? CancelRequestedAt { get; private set; }

    public DateTimeOffset? DeadLetteredAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset AvailableAt { get; private set; }

    public DateTimeOffset? LeaseUntil { get; private set; }

    public long Fence { get; private init; }

    public int Attempts { get; private set; }

    public bool IsFinal => ExecutionStatus.IsFinal(Status);

    public static Execution Create(Workflow workflow, JsonElement input, string trigger, string? dedupeKey, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), workflow.Id, workflow.UserId, workflow.PublishedVersion!.Value, trigger, dedupeKey, input,
            ExecutionStatus.Queued, now, now, now);

    public void Begin(DateTimeOffset now)
    {
        Status = ExecutionStatus.Running;
        StartedAt ??= now;
        UpdatedAt = now;
    }

    /// <summary>Waits until a time: from now on it costs a row and nothing else.</summary>
    public void WaitUntil(DateTimeOffset until, DateTimeOffset now)
    {
        Status = ExecutionStatus.Waiting;
        AvailableAt = until;
        // A wait is progress: only claims that got nowhere count towards the dead letters.
        Attempts = 0;
        LeaseUntil = null;
        UpdatedAt = now;
    }

    public void Succeed(JsonElement results, DateTimeOffset now)
    {
        Results = results;
        End(ExecutionStatus.Succeeded, now);
    }

    public void Fail(string code, string error, DateTimeOffset now)
    {
        ErrorCode = code;
        Error = error.Length > MaxErrorLength ? error[..MaxErrorLength] : error;
        End(ExecutionStatus.Failed, now);
    }

    public void Bury(string code, string error, DateTimeOffset now)
    {
        DeadLetteredAt = now;
        Fail(code, error, now);
    }

    public void RequestCancel(DateTimeOffset now)
    {
        CancelRequestedAt ??= now;
        UpdatedAt = now;
    }

    public void Cancel(DateTimeOffset now) => End(ExecutionStatus.Cancelled, now);

    private void End(string status, DateTimeOffset now)
    {
        Status = status;
        CompletedAt = now;
        LeaseUntil = null;
        UpdatedAt = now;
    }
}
