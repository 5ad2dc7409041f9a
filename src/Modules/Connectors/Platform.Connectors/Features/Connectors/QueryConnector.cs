using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.Connectors;

internal sealed class QueryConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/query", HandleAsync).WithName("QueryConnector")
            .WithSummary("Ask the source, or what was synced from it, read-only");

    private static async Task<Ok<QueryResult>> HandleAsync(
        Guid id, QueryConnectorBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(
            new RunConnectorQuery(id, body.Query, body.Parameters, body.Limit, body.TimeoutMs, body.Source), cancellationToken));
}

internal sealed record QueryConnectorBody(
    string Query, JsonElement? Parameters = null, int? Limit = null, int? TimeoutMs = null, string Source = "live");
