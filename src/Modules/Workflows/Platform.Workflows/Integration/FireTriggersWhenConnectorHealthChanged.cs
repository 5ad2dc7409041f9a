using MediatR;
using Platform.Connectors.Contracts.Events;
using Platform.Workflows.Domain;
using Platform.Workflows.Firing;

namespace Platform.Workflows.Integration;

internal sealed class FireTriggersWhenConnectorHealthChangedHandler(EventFiring firing)
    : INotificationHandler<ConnectorHealthChangedIntegrationEvent>
{
    public Task Handle(ConnectorHealthChangedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var said = new
        {
            connector_id = notification.ConnectorId,
            status = notification.Status,
            code = notification.Code,
            changed_at = notification.ChangedAt,
        };
        var occasion = EventFiring.OccasionOf(notification.ConnectorId, notification.ChangedAt);
        return firing.FireAsync(EventSources.ConnectorHealthChanged, occasion, notification.UserId, said, 0, cancellationToken);
    }
}
