using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;

namespace Platform.Workflows.Steps;

/// <summary>Runs another workflow of the same owner, and waits for its end unless told not to.</summary>
internal sealed class SubWorkflowStep : IWaitingStepType
{
    private const int MaxDepth = 8;

    public string Type => "sub_workflow";

    public string Title => "Run a workflow";

    public bool IsPure => false;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("workflow_id", "string", "A published workflow.", IsRequired: true),
        new("input", "any", "What its steps see as input."),
        new("wait", "boolean", "Whether to wait for its end and take its results; true if left out."),
    ];

    public JsonObject Example => new() { ["workflow_id"] = "019a0000-0000-7000-8000-000000000000", ["input"] = new JsonObject { ["row"] = "{{ item }}" } };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(context.Text("workflow_id"), out var workflowId))
        {
            return new StepResult.Failed("step_input_invalid", "workflow_id is not the id of a workflow.");
        }

        if (context.Run.Depth >= MaxDepth)
        {
            return new StepResult.Failed("sub_workflow_too_deep", $"Workflows run workflows at most {MaxDepth} deep.");
        }

        var input = context.With["input"] is { } given ? JsonSerializer.SerializeToElement(given) : JsonSerializer.SerializeToElement(new { });
        var started = await context.Services.GetRequiredService<IMediator>().Send(
            new StartSubWorkflowCommand(
                workflowId,
                new ExecutionCause("sub_workflow", input, $"sub:{context.IdempotencyKey}", context.ExecutionId, context.Run.Depth + 1)),
            cancellationToken);
        return context.With["wait"] is JsonValue wait && wait.TryGetValue<bool>(out var waits) && !waits
            ? new StepResult.Completed(new JsonObject { ["execution_id"] = started.Id.ToString() })
            : new StepResult.Waiting(null, SignalNames.OfExecution(started.Id));
    }

    public StepResult Resume(StepContext context, WakeUp wake) =>
        wake.Payload is JsonObject ended && (string?)ended["status"] == ExecutionStatus.Succeeded
            ? new StepResult.Completed(ended["results"]?.DeepClone())
            : new StepResult.Failed(
                "sub_workflow_failed", $"The workflow ended as {wake.Payload?["status"]}: {wake.Payload?["error_code"]}: {wake.Payload?["error"]}");
}

internal sealed record StartSubWorkflowCommand(Guid WorkflowId, ExecutionCause Cause) : ICommand<StartedExecution>;

internal sealed class StartSubWorkflowHandler(ExecutionStarts starts) : IRequestHandler<StartSubWorkflowCommand, StartedExecution>
{
    public Task<StartedExecution> Handle(StartSubWorkflowCommand request, CancellationToken cancellationToken) =>
        starts.StartAsync(request.WorkflowId, request.Cause, cancellationToken);
}
