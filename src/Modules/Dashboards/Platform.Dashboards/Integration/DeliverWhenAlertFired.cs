using Hangfire;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Events;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Jobs;
using Platform.Dashboards.Persistence;

namespace Platform.Dashboards.Integration;

/// <summary>
/// Hands what an alert has to tell to jobs, so that a slow receiver holds up no other event. What is lost here the sweep finds.
/// </summary>
internal sealed class DeliverWhenAlertFiredHandler(DashboardsDbContext db, IBackgroundJobClient jobs)
    : INotificationHandler<AlertFiredIntegrationEvent>
{
    public async Task Handle(AlertFiredIntegrationEvent notification, CancellationToken cancellationToken)
    {
        var pending = await db.AlertDeliveries.AsNoTracking()
            .Where(delivery => delivery.AlertId == notification.AlertId && delivery.Status == AlertDelivery.Pending)
            .Select(delivery => new { delivery.Id, delivery.UserId }).ToListAsync(cancellationToken);
        foreach (var delivery in pending)
        {
            jobs.Enqueue<DeliverAlertJob>(job => job.RunAsync(delivery.Id, delivery.UserId, CancellationToken.None));
        }
    }
}
