using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows.Definitions;
using Platform.Workflows.Trials;

namespace Platform.Workflows.Features.Workflows;

internal sealed class DryRunWorkflowEndpoint : IEndpoint
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/dry-run", HandleAsync).WithName("DryRunWorkflow")
            .WithSummary("Run the draft in memory: computes and reads, describes effects and waits, keeps nothing");

    // No message: what the steps send are messages of their own, one by one.
    private static async Task<Ok<DryRunResponse>> HandleAsync(
        Guid id, DryRunBody? body, IMediator mediator, ICurrentCaller caller, DefinitionValidator validator, Trial trial,
        CancellationToken cancellationToken)
    {
        var workflow = await mediator.Send(new GetWorkflowQuery(id), cancellationToken);
        validator.RequireValid(workflow.Steps, workflow.Config);
        var version = CompiledVersion.Of(workflow.Steps, workflow.Config).WithoutRetries();
        var steps = await trial.RunAsync(
            caller.UserId, id, version, new TrialInput(body?.Input ?? Nothing, body?.Outputs), cancellationToken);
        return TypedResults.Ok(new DryRunResponse(steps));
    }
}

/// <summary>What a dry run starts with.</summary>
/// <param name="Input">What the steps see as <c>input</c>; an empty object if left out.</param>
/// <param name="Outputs">Step key to what stands in for its effect or wait.</param>
internal sealed record DryRunBody(JsonElement? Input = null, JsonElement? Outputs = null);

internal sealed record DryRunResponse(IReadOnlyList<TrialStep> Steps);
