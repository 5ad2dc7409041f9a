using System.Security.Cryptography;
using System.Text;
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
        return firing.FireAsync(EventSources.AlertFired, OccasionOf(notification), notification.UserId, said, 0, cancellationToken);
    }

    // An alert fires many times; each time is an occasion of its own, however often it is told.
    private static Guid OccasionOf(AlertFiredIntegrationEvent notification) =>
        new(SHA256.HashData(Encoding.ASCII.GetBytes($"{notification.AlertId:N}:{notification.CheckedAt.UtcTicks}")).AsSpan(0, 16));
}
