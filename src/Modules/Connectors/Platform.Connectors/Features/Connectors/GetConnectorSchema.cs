using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.Connectors;

internal sealed class GetConnectorSchemaEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/schema", HandleAsync).WithName("GetConnectorSchema").WithSummary("The tables and columns of a source");

    private static async Task<Ok<ConnectorSchema>> HandleAsync(
        Guid id, string? search, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new DescribeConnectorQuery(id, search), cancellationToken));
}
