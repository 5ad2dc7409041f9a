using Platform.Workflows.Domain;

namespace Platform.Workflows.Engine.Store;

/// <summary>
/// An execution that this node holds, as it stood when it was claimed. With an older fence nothing is committed; attempts count the claims
/// that came to nothing, this one included; the depth is how many executions are above it; it has not started while nothing is committed.
/// </summary>
internal sealed record ClaimedExecution(
    Guid Id, Guid UserId, Guid WorkflowId, int Version, long Fence, int Attempts, string Trigger, int Depth, RawJson Input,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, IReadOnlyList<StepRow>? Steps, IReadOnlyList<Signal>? Signals)
{
    public const int MaxAttempts = 10;
}

/// <summary>A step, or one item of a step with <c>for_each</c>, as its row has it.</summary>
internal sealed record StepRow(
    Guid Id, string Key, int? ItemIndex, string Status, int Attempts, RawJson? Input, RawJson? Output, StepError? Error, List<StepLogLine> Log,
    DateTimeOffset? AvailableAt, string? WaitsFor, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt);

/// <summary>Something that was said to an execution from outside.</summary>
internal sealed record Signal(Guid Id, string Name, RawJson? Payload);
