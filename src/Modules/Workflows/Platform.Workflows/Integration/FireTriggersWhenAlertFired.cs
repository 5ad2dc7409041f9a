using MediatR;
using Platform.Dashboards.Contracts.Events;
using Platform.Workflows.Domain;
using Platform.Workflows.Firing;

namespace Platform.Workflows.Integration;

internal sealed class FireTriggersWhenAlertFiredHandler(EventFiring firing) : INotificationHandler<AlertFiredIntegrationEvent>
{
    public Task Handle(AlertFiredIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var said = new
        {
            alert_id = notification.AlertId,
            widget_id = notification.WidgetId,
            state = notification.State,
            before = notification.Before,
            checked_at = notification.CheckedAt,
        };
        var occasion = EventFiring.OccasionOf(notification.AlertId, notification.CheckedAt);
        return firing.FireAsync(EventSources.AlertFired, occasion, notification.UserId, said, 0, cancellationToken);
    }
}
