using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Data;
using Platform.Dashboards.Exports;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Widgets;

internal sealed class ExportWidgetEndpoint : IEndpoint
{
    private const string Csv = "csv";
    private const string Json = "json";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/export", HandleAsync).WithName("ExportWidget")
            .WithSummary("Download the data of a widget as csv or json, with the parameters' defaults")
            .Produces<QueryResult>();

    private static async Task HandleAsync(Guid id, IMediator mediator, BoardReader reader, HttpContext http, string format = Csv)
    {
        RuleViolationException.ThrowIf(format is not (Csv or Json), "validation_failed", "$.format", "Must be csv or json.");
        var board = await mediator.Send(new ReadBoardAsksQuery(null, id), http.RequestAborted);
        var answer = await reader.ReadAsync(board, new ViewerRequest(null), http.RequestAborted);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"widget-{id}.{format}\"";
        http.Response.Headers.CacheControl = "no-store";
        if (format == Json)
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            await http.Response.Body.WriteAsync(answer.Result.Json, http.RequestAborted);
            return;
        }

        http.Response.ContentType = "text/csv; charset=utf-8";
        var result = answer.Result.ToResult();
        await CsvWriter.WriteAsync(http.Response.Body, result.Columns.Select(column => column.Name), result.Rows, http.RequestAborted);
    }
}
