using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.Identity.Contracts.Events;

namespace Platform.Dashboards.Integration;

internal sealed class DeleteDashboardsWhenUserDeletedHandler(DashboardsDbContext db) : INotificationHandler<UserDeletedIntegrationEvent>
{
    public async Task Handle(UserDeletedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        await db.Subscriptions.Where(subscription => subscription.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
        await db.Dashboards.Where(dashboard => dashboard.UserId == notification.UserId).ExecuteDeleteAsync(cancellationToken);
    }
}
