using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Data;
using Platform.Dashboards.Exports;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class ExportWidgetEndpoint : IEndpoint
{
    private const int PictureWidth = 1280;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/export", HandleAsync).WithName("ExportWidget")
            .WithSummary("Download a widget: its data as csv, json or xlsx, itself as png or pdf; parameters is a JSON object of values")
            .Produces<QueryResult>();

    private static async Task HandleAsync(
        Guid id, [AsParameters] ExportQuery query, IMediator mediator, BoardReader reader, ExportPictures pictures, HttpContext http)
    {
        var format = query.FormatOf(ExportQuery.Csv, ExportQuery.Json, ExportQuery.Xlsx, ExportQuery.Png, ExportQuery.Pdf);
        if (format is ExportQuery.Png or ExportQuery.Pdf)
        {
            var board = await mediator.Send(new ReadBoardToDrawQuery(null, id), http.RequestAborted);
            var content = await pictures.WidgetAsync(board, query, format, PictureWidth, http.RequestAborted);
            await FileAnswer.WriteAsync(http, $"widget-{id}.{format}", ExportPictures.MediaTypeOf(format), content);
            return;
        }

        var asks = await mediator.Send(new ReadBoardAsksQuery(null, id), http.RequestAborted);
        var answer = await reader.ReadAsync(asks, query.ToViewerRequest(), http.RequestAborted);
        await WriteDataAsync(http, id, format, answer.Result);
    }

    private static async Task WriteDataAsync(HttpContext http, Guid id, string format, CachedResult kept)
    {
        var name = $"widget-{id}.{format}";
        if (format == ExportQuery.Json)
        {
            await FileAnswer.WriteAsync(http, name, "application/json; charset=utf-8", kept.Json);
            return;
        }

        var result = kept.ToResult();
        if (format == ExportQuery.Xlsx)
        {
            XlsxWriter.Check(result);
            FileAnswer.Begin(http.Response, name, XlsxWriter.MediaType);
            await XlsxWriter.WriteAsync(http.Response.BodyWriter.AsStream(leaveOpen: true), [new XlsxSheet("Data", result)], http.RequestAborted);
            return;
        }

        FileAnswer.Begin(http.Response, name, "text/csv; charset=utf-8");
        await CsvWriter.WriteAsync(http.Response.Body, result.Columns.Select(column => column.Name), result.Rows, http.RequestAborted);
    }
}
