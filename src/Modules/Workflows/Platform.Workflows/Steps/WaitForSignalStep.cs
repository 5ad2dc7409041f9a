using System.Text.Json.Nodes;

namespace Platform.Workflows.Steps;

/// <summary>Waits for a signal by its name, also for one that came before the step began.</summary>
internal sealed class WaitForSignalStep : IWaitingStepType
{
    public string Type => "wait_for_signal";

    public string Title => "Wait for a signal";

    public bool IsPure => true;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("name", "string", "The signal's name: letters, digits, '.', '_' and '-', at most 100.", IsRequired: true),
        new("timeout_seconds", "number", "After how long the step fails; it waits for ever if left out."),
    ];

    public JsonObject Example => new() { ["name"] = "payment-{{ input.order_id }}", ["timeout_seconds"] = 86400 };

    public Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<StepResult>(
            !SignalNames.IsValid(context.Text("name")) ? new StepResult.Failed("step_input_invalid", "The name is not one of a signal.")
            : !Waits.TryTimeout(context, out var until) ? Waits.BadTimeout
            : new StepResult.Waiting(until, SignalNames.OfUser(context.Text("name")!)));

    public StepResult Resume(StepContext context, WakeUp wake) => wake.IsSignal
        ? new StepResult.Completed(new JsonObject { ["payload"] = wake.Payload })
        : new StepResult.Failed("signal_timeout", $"The signal '{context.Text("name")}' did not come in time.");
}
