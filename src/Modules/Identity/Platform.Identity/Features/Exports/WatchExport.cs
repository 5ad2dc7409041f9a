using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Identity.Domain;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Identity.Features.Exports;

internal sealed class WatchExportEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/events", HandleAsync).WithName("WatchExport").WithSummary("Watch an export; Last-Event-ID resumes")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task HandleAsync(Guid id, IMediator mediator, EventStream events, HttpContext http)
    {
        await mediator.Send(new GetExportQuery(id), http.RequestAborted);
        await events.WriteAsync(http, Export.TopicOf(id));
    }
}
