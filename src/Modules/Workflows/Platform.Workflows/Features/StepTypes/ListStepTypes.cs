using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Features.StepTypes;

internal sealed class ListStepTypesEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListStepTypes").WithSummary("List the kinds of steps, with the JSON Schema of what they take");

    private static async Task<Ok<IReadOnlyList<StepTypeResponse>>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListStepTypesQuery(), cancellationToken));
}

internal sealed record StepTypeResponse(string Type, string Title, JsonNode Schema, JsonNode Example);

internal sealed record ListStepTypesQuery : IQuery<IReadOnlyList<StepTypeResponse>>;

internal sealed class ListStepTypesHandler(Steps.StepTypes types) : IRequestHandler<ListStepTypesQuery, IReadOnlyList<StepTypeResponse>>
{
    public Task<IReadOnlyList<StepTypeResponse>> Handle(ListStepTypesQuery request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StepTypeResponse>>(
            [.. types.All.Select(type => new StepTypeResponse(type.Type, type.Title, StepInputs.SchemaOf(type), type.Example))]);
}
