using Hangfire;
using MediatR;
using Platform.Connectors.Jobs;
using Platform.SharedKernel.Events;

namespace Platform.Connectors.Integration;

/// <summary>A sync was asked for; an event of this module for itself, since a job is enqueued only after the commit.</summary>
/// <param name="ConnectorId">What to read.</param>
/// <param name="SyncRunId">The run.</param>
/// <param name="UserId">The connector's owner.</param>
[EventName("connectors.sync-requested.v1")]
internal sealed record SyncRequestedIntegrationEvent(Guid ConnectorId, Guid SyncRunId, Guid UserId) : IntegrationEvent(ConnectorId);

internal sealed class EnqueueSyncWhenRequestedHandler(IBackgroundJobClient jobs) : INotificationHandler<SyncRequestedIntegrationEvent>
{
    public Task Handle(SyncRequestedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        jobs.Enqueue<SyncConnectorJob>(job => job.RunAsync(notification.SyncRunId, notification.UserId, CancellationToken.None));
        return Task.CompletedTask;
    }
}
