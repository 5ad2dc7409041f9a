using MediatR;
using Platform.Connectors.Contracts.Events;
using Platform.Workflows.Domain;
using Platform.Workflows.Firing;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Integration;

internal sealed class FireTriggersWhenConnectorSyncFailedHandler(EventFiring firing) : INotificationHandler<ConnectorSyncFailedIntegrationEvent>
{
    public async Task Handle(ConnectorSyncFailedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var said = new { connector_id = notification.ConnectorId, sync_id = notification.SyncRunId, code = notification.Code };
        var depth = await firing.DepthAfterSyncAsync(notification.SyncRunId, cancellationToken);
        await firing.FireAsync(EventSources.ConnectorSyncFailed, notification.SyncRunId, notification.UserId, said, depth, cancellationToken);
        await firing.WakeAsync(SignalNames.OfSync(notification.SyncRunId), notification.UserId, said, cancellationToken);
    }
}
