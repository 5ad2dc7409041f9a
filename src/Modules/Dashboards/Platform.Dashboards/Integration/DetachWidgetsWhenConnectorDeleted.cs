using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Events;
using Platform.Dashboards.Persistence;

namespace Platform.Dashboards.Integration;

internal sealed class DetachWidgetsWhenConnectorDeletedHandler(DashboardsDbContext db, TimeProvider clock)
    : INotificationHandler<ConnectorDeletedIntegrationEvent>
{
    public async Task Handle(ConnectorDeletedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var widgets = await db.Widgets
            .Where(widget => widget.ConnectorId == notification.ConnectorId && widget.UserId == notification.UserId)
            .ToListAsync(cancellationToken);
        widgets.ForEach(widget => widget.DetachConnector(clock.GetUtcNow()));
    }
}
