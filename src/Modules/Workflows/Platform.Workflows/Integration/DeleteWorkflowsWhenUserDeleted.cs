using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Workflows.Persistence;
using Platform.Identity.Contracts.Events;

namespace Platform.Workflows.Integration;

internal sealed class DeleteWorkflowsWhenUserDeletedHandler(WorkflowsDbContext db) : INotificationHandler<UserDeletedIntegrationEvent>
{
    public Task Handle(UserDeletedIntegrationEvent notification, CancellationToken cancellationToken) =>
        db.Workflows.Where(workflow => workflow.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
}
