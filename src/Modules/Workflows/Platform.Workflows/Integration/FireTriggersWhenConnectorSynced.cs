using MediatR;
using Platform.Connectors.Contracts.Events;
using Platform.Workflows.Domain;
using Platform.Workflows.Firing;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Integration;

internal sealed class FireTriggersWhenConnectorSyncedHandler(EventFiring firing) : INotificationHandler<ConnectorSyncedIntegrationEvent>
{
    public async Task Handle(ConnectorSyncedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var said = new { connector_id = notification.ConnectorId, sync_id = notification.SyncRunId, rows = notification.Rows };
        var depth = await firing.DepthAfterSyncAsync(notification.SyncRunId, cancellationToken);
        await firing.FireAsync(EventSources.ConnectorSynced, notification.SyncRunId, notification.UserId, said, depth, cancellationToken);
        await firing.WakeAsync(SignalNames.OfSync(notification.SyncRunId), notification.UserId, said, cancellationToken);
    }
}
