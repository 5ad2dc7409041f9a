using Hangfire;
using MediatR;
using Platform.Connectors.Contracts.Events;
using Platform.Dashboards.Jobs;

namespace Platform.Dashboards.Integration;

/// <summary>
/// Leaves it to a job to tell those who look at a board, so that a Realtime that does not answer holds up no other event.
/// </summary>
internal sealed class SignalBoardsWhenConnectorSyncedHandler(IBackgroundJobClient jobs) : INotificationHandler<ConnectorSyncedIntegrationEvent>
{
    public Task Handle(ConnectorSyncedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        jobs.Enqueue<SignalBoardsJob>(job => job.RunAsync(notification.ConnectorId, notification.UserId, CancellationToken.None));
        return Task.CompletedTask;
    }
}
