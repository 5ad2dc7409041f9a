using System.Text.Json;

namespace Platform.Workflows.Domain;

/// <summary>The states of a step.</summary>
internal static class StepStatus
{
    public const string Pending = "pending";
    public const string Running = "running";
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

    public string Type { get; private init; }

    public string Status { get; private set; }

    public int Attempts { get; private set; }

    public JsonElement? Input { get; private set; }

    public JsonElement? Output { get; private set; }

    public JsonElement? Error { get; private set; }

    public JsonElement Log { get; private set; }

    public DateTimeOffset? AvailableAt { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public bool IsFinal => StepStatus.IsFinal(Status);

    public static ExecutionStep Create(Execution execution, string key, string type, DateTimeOffset now) =>
        new(
            Guid.CreateVersion7(now), execution.Id, execution.UserId, key, type, StepStatus.Pending, 0,
            JsonSerializer.SerializeToElement(Array.Empty<object>()), now, now);

    public void Start(DateTimeOffset now)
    {
        Status = StepStatus.Running;
        Attempts++;
        StartedAt ??= now;
        AvailableAt = null;
        UpdatedAt = now;
    }

    public void Succeed(JsonElement? input, JsonElement output, DateTimeOffset now)
    {
        (Input, Output, Error) = (input, output, null);
        End(StepStatus.Succeeded, now);
    }

    public void Skip(DateTimeOffset now) => End(StepStatus.Skipped, now);

    public void Fail(JsonElement? input, JsonElement error, DateTimeOffset now)
    {
        (Input, Error) = (input, error);
        End(StepStatus.Failed, now);
    }

    /// <summary>Failed, and is tried again at a later time.</summary>
    public void RetryAt(JsonElement? input, JsonElement error, DateTimeOffset at, DateTimeOffset now)
    {
        (Input, Error, Status, AvailableAt, UpdatedAt) = (input, error, StepStatus.Pending, at, now);
    }

    public void Cancel(DateTimeOffset now) => End(StepStatus.Cancelled, now);

    private void End(string status, DateTimeOffset now)
    {
        Status = status;
        StartedAt ??= now;
        CompletedAt = now;
        UpdatedAt = now;
    }
}
