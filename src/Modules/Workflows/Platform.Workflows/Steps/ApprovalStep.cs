using System.Text.Json.Nodes;

namespace Platform.Workflows.Steps;

/// <summary>Waits until a person approves or declines.</summary>
internal sealed class ApprovalStep : IWaitingStepType
{
    public string Type => "approval";

    public string Title => "Ask for approval";

    public bool IsPure => true;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("title", "string", "What is asked, in a line.", IsRequired: true),
        new("details", "any", "What the person should know to decide."),
        new("timeout_seconds", "number", "After how long the step fails; it waits for ever if left out."),
    ];

    public JsonObject Example => new() { ["title"] = "Refund {{ input.amount }} EUR?", ["details"] = "{{ steps.order.output }}" };

    public Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<StepResult>(
            Waits.TryTimeout(context, out var until) ? new StepResult.Waiting(until, SignalNames.OfApproval(context.Key, context.Item)) : Waits.BadTimeout);

    public StepResult Resume(StepContext context, WakeUp wake) => wake.IsSignal
        ? new StepResult.Completed(wake.Payload)
        : new StepResult.Failed("approval_timeout", "Nobody decided in time.");
}
