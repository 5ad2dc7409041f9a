using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Data;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class GetWidgetDataEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/data", HandleAsync).WithName("GetWidgetData")
            .WithSummary("Read the data of a widget; X-Cache says where it came from: hit, miss or stale");

    private static async Task<Ok<QueryResult>> HandleAsync(
        Guid id, DataRequest? body, IMediator mediator, BoardReader reader, HttpContext http)
    {
        var request = DataRequest.Check(body);
        var board = await mediator.Send(new ReadBoardAsksQuery(null, id), http.RequestAborted);
        var answer = await reader.ReadAsync(board, request, http.RequestAborted);
        http.Response.Headers["X-Cache"] = answer.Cache;
        return TypedResults.Ok(answer.Result.ToResult());
    }
}
