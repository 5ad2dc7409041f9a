using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Dashboards.Charts;
using Platform.Dashboards.Exports;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Copies;

internal sealed class ExportDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/export", HandleAsync).WithName("ExportDashboard")
            .WithSummary("Download a dashboard: json is the board itself, to be imported again; xlsx its data, a sheet a widget; png and pdf how it looks")
            .Produces<ExportedDashboard>();

    private static async Task HandleAsync(
        Guid id, [AsParameters] ExportQuery query, IMediator mediator, PictureReader reader, ExportPictures pictures, HttpContext http)
    {
        var format = query.FormatOf(ExportQuery.Json, ExportQuery.Xlsx, ExportQuery.Png, ExportQuery.Pdf);
        var name = $"dashboard-{id}.{format}";
        if (format == ExportQuery.Json)
        {
            var exported = await mediator.Send(new ReadExportQuery(id), http.RequestAborted);
            var content = JsonSerializer.SerializeToUtf8Bytes(exported, PlatformJson.Options);
            await FileAnswer.WriteAsync(http, name, "application/json; charset=utf-8", content);
            return;
        }

        var board = await mediator.Send(new ReadBoardToDrawQuery(id), http.RequestAborted);
        if (format == ExportQuery.Xlsx)
        {
            await WriteSheetsAsync(http, name, await reader.ReadAsync(board, query.ToViewerRequest(), http.RequestAborted));
            return;
        }

        var picture = await pictures.BoardAsync(board, query, format, http.RequestAborted);
        await FileAnswer.WriteAsync(http, name, ExportPictures.MediaTypeOf(format), picture);
    }

    private static async Task WriteSheetsAsync(HttpContext http, string name, BoardPicture board)
    {
        var failed = board.Widgets.FirstOrDefault(widget => widget.Failure is not null);
        RuleViolationException.ThrowIf(
            failed is not null, "widget_unreadable", $"The widget “{failed?.Title ?? failed?.Type}” cannot be read: {failed?.Failure}");
        var sheets = board.Widgets.Where(widget => widget.Result is not null)
            .Select((widget, index) => new XlsxSheet(widget.Title ?? $"Widget {index + 1}", widget.Result!)).ToList();
        sheets.ForEach(sheet => XlsxWriter.Check(sheet.Result));
        FileAnswer.Begin(http.Response, name, XlsxWriter.MediaType);
        await XlsxWriter.WriteAsync(http.Response.BodyWriter.AsStream(leaveOpen: true), sheets, http.RequestAborted);
    }
}
