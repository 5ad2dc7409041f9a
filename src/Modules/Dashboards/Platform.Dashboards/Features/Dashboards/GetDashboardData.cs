using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Dashboards.Data;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class GetDashboardDataEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/data", HandleAsync).WithName("GetDashboardData")
            .WithSummary("Read the data of all widgets: a line of JSON for each, as soon as it is ready")
            .Produces<WidgetData>(StatusCodes.Status200OK, DataLines.MediaType);

    private static async Task HandleAsync(Guid id, DataRequest? body, IMediator mediator, BoardReader reader, HttpContext http)
    {
        var request = DataRequest.Check(body);
        var board = await mediator.Send(new ReadBoardAsksQuery(id), http.RequestAborted);
        await DataLines.WriteAsync(http.Response, await reader.BeginAsync(board, request, http.RequestAborted), http.RequestAborted);
    }
}
