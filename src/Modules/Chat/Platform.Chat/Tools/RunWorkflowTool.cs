using System.Text.Json;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Contracts.Queries;

namespace Platform.Chat.Tools;

internal sealed class RunWorkflowTool : IChatTool
{
    public const string ToolName = "run_workflow";

    public string Name => ToolName;

    public string Description => "Starts a workflow of the person, with an input. A person must approve it.";

    public JsonElement Schema { get; } = JsonSerializer.SerializeToElement(new
    {
        type = "object",
        properties = new
        {
            workflow = new { type = "string", description = "The workflow's name." },
            input = new { type = "object", description = "What the steps see as input." },
        },
        required = new[] { "workflow" },
        additionalProperties = false,
    });

    public bool NeedsApproval => true;

    public async Task<ToolOutcome> RunAsync(ToolContext context, JsonElement arguments, CancellationToken cancellationToken)
    {
        var asked = ToolArguments.Read<Arguments>(arguments);
        var workflow = await context.Mediator.Send(new FindWorkflowQuery(asked.Workflow), cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", $"There is no workflow named '{asked.Workflow}'.");
        // The same call gives the same key: run again after a crash, it starts nothing twice.
        var execution = await context.Mediator.Send(
            new StartExecutionCommand(workflow.Id, asked.Input, DedupeKey: $"message:{context.MessageId}:{context.CallId}"),
            cancellationToken);
        return new ToolOutcome(
            $"Started '{workflow.Name}': execution {execution.Id}.", JsonSerializer.SerializeToElement(execution, PlatformJson.Options));
    }

    private sealed record Arguments(string Workflow, JsonElement? Input = null);
}
