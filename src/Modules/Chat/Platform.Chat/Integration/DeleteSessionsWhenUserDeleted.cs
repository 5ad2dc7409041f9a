using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Chat.Persistence;
using Platform.Identity.Contracts.Events;

namespace Platform.Chat.Integration;

internal sealed class DeleteSessionsWhenUserDeletedHandler(ChatDbContext db) : INotificationHandler<UserDeletedIntegrationEvent>
{
    public Task Handle(UserDeletedIntegrationEvent notification, CancellationToken cancellationToken) =>
        db.ChatSessions.Where(session => session.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
}
