using System.Text.Json.Nodes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Definitions;

namespace Platform.Workflows.Features.StepTypes;

internal sealed class GetDefinitionSchemaEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("GetWorkflowDefinitionSchema").WithSummary("Read the JSON Schema of a workflow's definition");

    private static async Task<Ok<JsonObject>> HandleAsync(IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetDefinitionSchemaQuery(), cancellationToken));
}

internal sealed record GetDefinitionSchemaQuery : IQuery<JsonObject>;

internal sealed class GetDefinitionSchemaHandler(Steps.StepTypes types) : IRequestHandler<GetDefinitionSchemaQuery, JsonObject>
{
    public Task<JsonObject> Handle(GetDefinitionSchemaQuery request, CancellationToken cancellationToken) =>
        Task.FromResult(DefinitionSchema.Of(types));
}
