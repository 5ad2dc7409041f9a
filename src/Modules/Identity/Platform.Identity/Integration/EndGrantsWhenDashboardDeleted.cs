using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Events;
using Platform.Identity.Persistence;

namespace Platform.Identity.Integration;

internal sealed class EndGrantsWhenDashboardDeletedHandler(IdentityDbContext db) : INotificationHandler<DashboardDeletedIntegrationEvent>
{
    public async Task Handle(DashboardDeletedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var grants = await db.Grants
            .Where(grant => grant.ObjectType == "dashboard" && grant.ObjectId == notification.DashboardId && grant.OwnerId == notification.UserId)
            .ToListAsync(cancellationToken);
        db.Grants.RemoveRange(grants);
    }
}
