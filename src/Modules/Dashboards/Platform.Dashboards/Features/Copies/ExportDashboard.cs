using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Dashboards.Features.Copies;

internal sealed class ExportDashboardEndpoint : IEndpoint
{
    private const string Json = "json";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/export", HandleAsync).WithName("ExportDashboard")
            .WithSummary("Download a dashboard: json is the board itself, to be imported again")
            .Produces<ExportedDashboard>();

    private static async Task<JsonHttpResult<ExportedDashboard>> HandleAsync(
        Guid id, IMediator mediator, HttpContext http, CancellationToken cancellationToken, string format = Json)
    {
        RuleViolationException.ThrowIf(format != Json, "validation_failed", "$.format", "Must be json.");
        var exported = await mediator.Send(new ReadExportQuery(id), cancellationToken);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"dashboard-{id}.json\"";
        return TypedResults.Json(exported, PlatformJson.Options);
    }
}
