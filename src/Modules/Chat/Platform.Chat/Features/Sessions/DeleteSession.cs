using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Contracts.Events;
using Platform.Chat.Domain;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Features.Sessions;

internal sealed class DeleteSessionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/sessions/{id:guid}", HandleAsync).WithName("DeleteChatSession")
            .WithSummary("Delete a chat session and its messages");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteSessionCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteSessionCommand(Guid Id) : ICommand;

internal sealed class DeleteSessionHandler(ChatDbContext db) : AsyncRequestHandler<DeleteSessionCommand>
{
    protected override async Task Handle(DeleteSessionCommand request, CancellationToken cancellationToken)
    {
        var session = await db.LockSessionAsync(request.Id, cancellationToken);
        var running = await db.ChatMessages.AsNoTracking()
            .Where(message => message.SessionId == session.Id
                && (message.Status == ChatMessage.Queued || message.Status == ChatMessage.Streaming))
            .Select(message => message.Id)
            .ToListAsync(cancellationToken);
        // Whoever watches an answer is told that it ends; the rows of the messages go with the session.
        foreach (var id in running)
        {
            db.Append(ChatMessage.TopicOf(id), session.UserId, MessageEvents.End, new MessageEnded(ChatMessage.Stopped), final: true);
        }

        db.ChatSessions.Remove(session);
        db.Publish(new ChatSessionDeletedIntegrationEvent(session.Id, session.UserId));
    }
}
