using System.Diagnostics;
using System.Diagnostics.Metrics;
using Platform.Workflows.Engine.Store;

namespace Platform.Workflows.Engine;

/// <summary>
/// Spans and metrics of executions. All work on an execution, on whatever node and however long it waited in between, is one trace, whose id
/// is the execution's id without its dashes. Durations are in seconds.
/// </summary>
internal static class EngineTelemetry
{
    private const string Name = "Platform.Workflows";
    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Waits = Meter.CreateHistogram<double>(
        "platform.workflows.execution.wait", "s", "From the acceptance of an execution to its first step.");

    private static readonly Histogram<double> Executions = Meter.CreateHistogram<double>(
        "platform.workflows.execution.duration", "s", "From the first step of an execution to its end, waits included.");

    private static readonly Histogram<double> Steps = Meter.CreateHistogram<double>(
        "platform.workflows.step.duration", "s", "From the start of a step to its end, retries included.");

    private static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>(
        "platform.workflows.execution.dead_letters", "{execution}", "Executions that were given up.");

    /// <summary>A span for as long as this node works an execution; null where nobody listens.</summary>
    public static Activity? BeginExecution(ExecutionRun run)
    {
        if (run.Claim.StartedAt is null)
        {
            Waits.Record(Math.Max(0, (run.StartedAt - run.Claim.CreatedAt).TotalSeconds));
        }

        if (!Source.HasListeners())
        {
            return null;
        }

        Span<byte> id = stackalloc byte[16];
        run.Id.TryWriteBytes(id, bigEndian: true, out _);
        var parent = new ActivityContext(
            ActivityTraceId.CreateFromBytes(id), ActivitySpanId.CreateFromBytes(id[8..]), ActivityTraceFlags.Recorded, isRemote: true);
        return Source.StartActivity("workflows.work_execution", ActivityKind.Consumer, parent)
            ?.SetTag("platform.execution_id", run.Id)
            .SetTag("platform.workflow_id", run.Claim.WorkflowId)
            .SetTag("platform.workflow_version", run.Claim.Version)
            .SetTag("platform.trigger", run.Claim.Trigger)
            .SetTag("platform.fence", run.Claim.Fence);
    }

    /// <summary>A span for one attempt at a step with an effect outside; null where nobody listens.</summary>
    public static Activity? BeginStep(StepUnit unit) => !Source.HasListeners() ? null
        : Source.StartActivity("workflows.step")
            ?.SetTag("platform.step_key", unit.Definition.Key)
            .SetTag("platform.step_type", unit.Definition.Type)
            .SetTag("platform.step_item", unit.Item)
            .SetTag("platform.step_attempt", unit.Attempts);

    /// <summary>Counts a step that has ended.</summary>
    public static void StepEnded(StepUnit unit, DateTimeOffset now) => Steps.Record(
        unit.StartedAt is { } started ? (now - started).TotalSeconds : 0,
        new KeyValuePair<string, object?>("step_type", unit.Definition.Type),
        new KeyValuePair<string, object?>("status", unit.Status));

    /// <summary>Counts an execution whose end was committed.</summary>
    public static void ExecutionEnded(ExecutionState state)
    {
        Executions.Record(
            state is { StartedAt: { } started, CompletedAt: { } completed } ? (completed - started).TotalSeconds : 0,
            new KeyValuePair<string, object?>("status", state.Status));
        if (state.DeadLetteredAt is not null)
        {
            DeadLetters.Add(1);
        }
    }
}
