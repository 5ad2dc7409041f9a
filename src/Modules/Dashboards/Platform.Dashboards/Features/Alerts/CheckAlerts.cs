using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Events;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Alerts;

/// <summary>Takes the alerts of everybody that are due, and puts each off until its next time.</summary>
internal sealed record TakeDueAlertsCommand : ICommand<IReadOnlyList<DueAlert>>;

internal sealed record DueAlert(Guid Id, Guid UserId);

internal sealed class TakeDueAlertsHandler(DashboardsDbContext db, TimeProvider clock)
    : IRequestHandler<TakeDueAlertsCommand, IReadOnlyList<DueAlert>>
{
    private const int MaxAlerts = 200;

    public async Task<IReadOnlyList<DueAlert>> Handle(TakeDueAlertsCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.Alerts.Where(alert => alert.Status == Alert.Active && alert.NextCheckAt <= now)
            .OrderBy(alert => alert.NextCheckAt).Take(MaxAlerts).ToListAsync(cancellationToken);
        // Times that were missed are not made up for.
        due.ForEach(alert => alert.PutOff(AlertTermsValidator.NextOf(alert.Schedule, now)));
        return [.. due.Select(alert => new DueAlert(alert.Id, alert.UserId))];
    }
}

/// <summary>What an alert watches; null if it is gone or paused.</summary>
internal sealed record ReadAlertQuery(Guid Id) : IQuery<WatchedWidget?>;

internal sealed record WatchedWidget(Guid WidgetId, JsonElement Condition);

internal sealed class ReadAlertHandler(DashboardsDbContext db) : IRequestHandler<ReadAlertQuery, WatchedWidget?>
{
    public Task<WatchedWidget?> Handle(ReadAlertQuery request, CancellationToken cancellationToken) =>
        db.Alerts.AsNoTracking().Where(alert => alert.Id == request.Id && alert.Status == Alert.Active)
            .Select(alert => new WatchedWidget(alert.WidgetId, alert.Condition)).SingleOrDefaultAsync(cancellationToken);
}

/// <summary>Writes down what a check found. Another state than before is told, in the same transaction.</summary>
internal sealed record RecordAlertCommand(Guid Id, AlertFinding Finding) : ICommand;

internal sealed class RecordAlertHandler(DashboardsDbContext db, TimeProvider clock) : AsyncRequestHandler<RecordAlertCommand>
{
    protected override async Task Handle(RecordAlertCommand request, CancellationToken cancellationToken)
    {
        var (finding, now) = (request.Finding, clock.GetUtcNow());
        var alert = await db.Alerts.SingleOrDefaultAsync(alert => alert.Id == request.Id, cancellationToken);
        if (alert?.Record(finding.State, now) is not { } before)
        {
            return;
        }

        // The first look at data that are well is no news.
        var isNews = before != AlertState.Unknown || finding.State != AlertState.Ok;
        db.AlertHistory.Add(AlertHistoryEntry.Of(alert, finding, isNews, now));
        if (isNews)
        {
            db.AlertDeliveries.AddRange(ChannelsOf(alert).Select(channel => AlertDelivery.Of(alert, channel, finding, before, now)));
            db.Publish(new AlertFiredIntegrationEvent(alert.Id, alert.WidgetId, alert.UserId, finding.State, before, now));
        }
    }

    private static IEnumerable<string> ChannelsOf(Alert alert)
    {
        var notify = AlertTermsValidator.NotifyOf(alert.Notify);
        if (notify.WebhookUrl is not null)
        {
            yield return AlertDelivery.Webhook;
        }

        if (notify.Email)
        {
            yield return AlertDelivery.Mail;
        }
    }
}
