using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.Chat.Domain;
using Platform.SharedKernel.Infrastructure.EventLog;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Chat.Features.Messages;

internal sealed class WatchMessageEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/messages/{id:guid}/events", HandleAsync).WithName("WatchChatMessage")
            .WithSummary("Watch an answer grow: server-sent events, resumed with Last-Event-ID")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task HandleAsync(Guid id, IMediator mediator, EventStream events, HttpContext http)
    {
        // Not there, or not the caller's: a 404 instead of an empty stream.
        await mediator.Send(new GetMessageQuery(id), http.RequestAborted);
        await events.WriteAsync(http, ChatMessage.TopicOf(id));
    }
}
