using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.Features.Syncs;

internal sealed class WatchSyncEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/events", HandleAsync).WithName("WatchSync").WithSummary("Watch a sync; Last-Event-ID resumes")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task HandleAsync(Guid id, IMediator mediator, EventStream events, HttpContext http)
    {
        await mediator.Send(new GetConnectorSyncQuery(id), http.RequestAborted);
        await events.WriteAsync(http, SyncMapping.TopicOf(id));
    }
}
