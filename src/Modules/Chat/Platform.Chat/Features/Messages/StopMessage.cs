using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Chat.Features.Messages;

internal sealed class StopMessageEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/messages/{id:guid}/stop", HandleAsync).WithName("StopChatMessage")
            .WithSummary("Stop an answer; what it says so far stays");

    private static async Task<Ok<MessageResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new StopMessageCommand(id), cancellationToken));
}

internal sealed record StopMessageCommand(Guid Id) : ICommand<MessageResponse>;

internal sealed class StopMessageHandler(ChatDbContext db, TimeProvider clock) : IRequestHandler<StopMessageCommand, MessageResponse>
{
    public async Task<MessageResponse> Handle(StopMessageCommand request, CancellationToken cancellationToken)
    {
        var sessionId = await db.ChatMessages.AsNoTracking()
            .Where(message => message.Id == request.Id)
            .Select(message => (Guid?)message.SessionId)
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw Missing();
        var session = await db.LockSessionAsync(sessionId, cancellationToken);
        var message = await db.LockMessageAsync(request.Id, cancellationToken) ?? throw Missing();
        if (message.IsRunning)
        {
            // It ends here and now, wherever it is being written: the writer has lost its fencing number.
            message.Stop(clock.GetUtcNow());
            session.Show(message, clock.GetUtcNow());
            db.Append(message.Topic, message.UserId, MessageEvents.End, new MessageEnded(message.Status), final: true);
        }

        return MessageResponse.From(message, db.VersionOf(message));
    }

    private static NotFoundException Missing() => new("chat_message_not_found", "There is no such message.");
}
