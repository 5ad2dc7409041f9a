using Hangfire;
using MediatR;
using Platform.Identity.Jobs;
using Platform.SharedKernel.Events;

namespace Platform.Identity.Integration;

/// <summary>Somebody asked for a copy of what is theirs; an event of this module for itself, since a job is enqueued only after the commit.</summary>
/// <param name="ExportId">The export.</param>
/// <param name="UserId">Whose it is.</param>
[EventName("identity.export-requested.v1")]
internal sealed record ExportRequestedIntegrationEvent(Guid ExportId, Guid UserId) : IntegrationEvent(ExportId);

internal sealed class EnqueueExportWhenRequestedHandler(IBackgroundJobClient jobs) : INotificationHandler<ExportRequestedIntegrationEvent>
{
    public Task Handle(ExportRequestedIntegrationEvent notification, CancellationToken cancellationToken)
    {
        jobs.Enqueue<ExportUserDataJob>(job => job.RunAsync(notification.ExportId, notification.UserId, CancellationToken.None));
        return Task.CompletedTask;
    }
}
