using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Schemas;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.Connectors;

internal sealed class GetConnectorSchemaEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/schema", HandleAsync).WithName("GetConnectorSchema")
            .WithSummary("The tables and columns of a source, how old that is, and what has changed; refresh=true asks the source now");

    // The source is asked outside of the transaction that keeps its answer. One that does not answer leaves what is known.
    private static async Task<Ok<ConnectorSchema>> HandleAsync(
        Guid id, string? search, bool? refresh, IMediator mediator, CancellationToken cancellationToken)
    {
        var age = await mediator.Send(new IsSchemaStaleQuery(id), cancellationToken);
        if (refresh == true || age.IsStale)
        {
            try
            {
                var tables = await mediator.Send(new ReadSourceSchemaQuery(id), cancellationToken);
                await mediator.Send(new RecordSchemaCommand(id, tables), cancellationToken);
            }
            catch (Exception exception) when (refresh != true && age.IsKnown && exception is PlatformException or TimeoutException)
            {
                // The answer says how old it is.
            }
        }

        return TypedResults.Ok(await mediator.Send(new DescribeConnectorQuery(id, search), cancellationToken));
    }
}
