using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Dashboards.Data;
using Platform.Dashboards.Features.Dashboards;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Sharing;

internal sealed class GetSharedDataEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{token}/data", HandleAsync).WithName("GetSharedDashboardData").AllowAnonymous()
            .WithSummary("Read the data of a shared dashboard: a line of JSON a widget; locked parameters stay as they are")
            .Produces<WidgetData>(StatusCodes.Status200OK, DataLines.MediaType);

    private static async Task HandleAsync(string token, SharedDataRequest? body, VisitorDoor door, BoardReader reader, HttpContext http)
    {
        var request = DataRequest.Check(new DataRequest(body?.Parameters));
        var password = http.Request.Headers[VisitorDoor.PasswordHeader].FirstOrDefault() ?? body?.Password;
        var (board, refused, retryAfter) = await door.OpenAsync(token, password, http.RequestAborted);
        if (board is null)
        {
            await VisitorDoor.RefuseAsync(http, refused!, retryAfter);
            return;
        }

        VisitorDoor.WriteHeaders(http, board);
        var asks = new BoardAsks(
            board.DashboardId, board.OwnerId, board.Document.Config,
            [.. board.Document.Widgets.Where(widget => widget.DataQuery is not null)
                .Select(widget => new WidgetAsk(widget.Id, widget.Type, widget.Config, widget.ConnectorId, widget.DataQuery))]);
        var answers = await reader.BeginAsync(asks, request with { Locked = board.Locked }, http.RequestAborted);
        await DataLines.WriteAsync(http.Response, answers, http.RequestAborted);
    }
}

/// <summary>What a visitor sends: values of parameters, and the link's password if it is in no header.</summary>
internal sealed record SharedDataRequest(JsonElement? Parameters = null, string? Password = null)
{
    /// <summary>Records print their members; this one must never print its password.</summary>
    public override string ToString() => nameof(SharedDataRequest);
}
