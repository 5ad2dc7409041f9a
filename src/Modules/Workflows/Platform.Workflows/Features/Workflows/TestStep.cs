using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows.Definitions;
using Platform.Workflows.Trials;

namespace Platform.Workflows.Features.Workflows;

internal sealed class TestStepEndpoint : IEndpoint
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/test-step", HandleAsync).WithName("TestStep")
            .WithSummary("Run one step as its owner, without an execution; effects outside are described unless they are allowed");

    private static async Task<Ok<TrialStep>> HandleAsync(
        Guid id, TestStepBody body, IMediator mediator, ICurrentCaller caller, DefinitionValidator validator, Trial trial,
        CancellationToken cancellationToken)
    {
        var workflow = await mediator.Send(new GetWorkflowQuery(id), cancellationToken);
        var step = Find(workflow.Steps, body.Step);
        var steps = Alone(step, body.Outputs);
        validator.RequireValid(steps, workflow.Config);
        var done = await trial.RunAsync(
            caller.UserId, id, CompiledVersion.Of(steps, workflow.Config).WithoutRetries(),
            new TrialInput(body.Input ?? Nothing, body.Outputs, body.AllowEffects), cancellationToken);
        return TypedResults.Ok(done[^1]);
    }

    // A step of the draft by its key, or one that the caller is still writing.
    private static JsonObject Find(JsonElement steps, JsonElement wanted)
    {
        var step = wanted.ValueKind == JsonValueKind.String
            ? steps.EnumerateArray().FirstOrDefault(step =>
                step.ValueKind == JsonValueKind.Object && step.TryGetProperty("key", out var key) && key.ValueEquals(wanted.GetString()))
            : wanted;
        RuleViolationException.ThrowIf(
            step.ValueKind != JsonValueKind.Object, "step_unknown", "$.step", "Give the key of a step of the draft, or a step.");
        return JsonObject.Create(step)!;
    }

    // What the others gave stands for them.
    private static JsonElement Alone(JsonObject step, JsonElement? outputs)
    {
        var before = outputs is { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().Where(output => output.Name != (string?)step["key"]).Select(output => new JsonObject
            {
                ["key"] = output.Name,
                ["type"] = "wait_for_signal",
                ["with"] = new JsonObject { ["name"] = "given" },
            }).ToList()
            : [];
        step["depends_on"] = new JsonArray([.. before.Select(other => (JsonNode?)other["key"]!.GetValue<string>())]);
        step.Remove("on_error");
        return JsonSerializer.SerializeToElement(new JsonArray([.. before, step]));
    }
}

/// <summary>One step to try.</summary>
/// <param name="Step">The key of a step of the draft, or a step as in a definition.</param>
/// <param name="Input">What it sees as <c>input</c>; an empty object if left out.</param>
/// <param name="Outputs">Step key to what it sees as that step's output.</param>
/// <param name="AllowEffects">Whether an effect outside is really done.</param>
internal sealed record TestStepBody(JsonElement Step, JsonElement? Input = null, JsonElement? Outputs = null, bool AllowEffects = false);
