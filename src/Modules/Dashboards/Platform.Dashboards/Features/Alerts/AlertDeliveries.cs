using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Alerts;

/// <summary>Which deliveries of everybody are due.</summary>
internal sealed record ListDueDeliveriesQuery : IQuery<IReadOnlyList<DueDelivery>>;

internal sealed record DueDelivery(Guid Id, Guid UserId);

internal sealed class ListDueDeliveriesHandler(DashboardsDbContext db, TimeProvider clock)
    : IRequestHandler<ListDueDeliveriesQuery, IReadOnlyList<DueDelivery>>
{
    private const int MaxDeliveries = 200;

    public async Task<IReadOnlyList<DueDelivery>> Handle(ListDueDeliveriesQuery request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.AlertDeliveries.Where(delivery => delivery.Status == AlertDelivery.Pending && delivery.NextAttemptAt <= now)
            .OrderBy(delivery => delivery.NextAttemptAt).Take(MaxDeliveries)
            .Select(delivery => new DueDelivery(delivery.Id, delivery.UserId)).ToListAsync(cancellationToken);
    }
}

/// <summary>
/// Takes a delivery, so that nobody else has it for a while. Null if it is not due, somebody has it, or the person has had all the mails
/// that an hour holds.
/// </summary>
internal sealed record TakeDeliveryCommand(Guid Id) : ICommand<TakenDelivery?>;

/// <summary>What is told of an alert, and where.</summary>
internal sealed record TakenDelivery(
    Guid Id, string Channel, string State, string Before, string? Detail, DateTimeOffset CheckedAt, Guid AlertId, string AlertName,
    JsonElement Condition, JsonElement Notify, string? SealedSecret, Guid WidgetId, JsonElement WidgetConfig, Guid DashboardId, string BoardName);

internal sealed class TakeDeliveryHandler(DashboardsDbContext db, IOptions<DashboardsOptions> options, TimeProvider clock)
    : IRequestHandler<TakeDeliveryCommand, TakenDelivery?>
{
    public async Task<TakenDelivery?> Handle(TakeDeliveryCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var delivery = await db.AlertDeliveries
            .FromSql($"select *, xmin from dashboards.alert_deliveries where id = {request.Id} for update skip locked")
            .SingleOrDefaultAsync(cancellationToken);
        if (delivery is not { Status: AlertDelivery.Pending } || delivery.NextAttemptAt > now)
        {
            return null;
        }

        if (delivery.Channel == AlertDelivery.Mail
            && await MailsOfLastHourAsync(delivery.UserId, now, cancellationToken) >= options.Value.AlertMailsPerHour)
        {
            delivery.Suppress("mail_limit_reached", now);
            return null;
        }

        delivery.Take(now);
        return await (
            from alert in db.Alerts
            join widget in db.Widgets on alert.WidgetId equals widget.Id
            join dashboard in db.Dashboards on widget.DashboardId equals dashboard.Id
            where alert.Id == delivery.AlertId
            select new TakenDelivery(
                delivery.Id, delivery.Channel, delivery.State, delivery.Before, delivery.Detail, delivery.CheckedAt, alert.Id, alert.Name,
                alert.Condition, alert.Notify, alert.WebhookSecretSealed, widget.Id, widget.Config, dashboard.Id, dashboard.Name))
            .SingleOrDefaultAsync(cancellationToken);
    }

    private Task<int> MailsOfLastHourAsync(Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now.AddHours(-1);
        return db.AlertDeliveries.CountAsync(
            delivery => delivery.UserId == userId && delivery.Channel == AlertDelivery.Mail && delivery.Status == AlertDelivery.Delivered
                && delivery.EndedAt > since,
            cancellationToken);
    }
}

/// <summary>Writes down how a delivery went.</summary>
internal sealed record EndDeliveryCommand(Guid Id, DeliveryOutcome Outcome) : ICommand;

internal sealed class EndDeliveryHandler(DashboardsDbContext db, TimeProvider clock) : AsyncRequestHandler<EndDeliveryCommand>
{
    protected override async Task Handle(EndDeliveryCommand request, CancellationToken cancellationToken)
    {
        var delivery = await db.AlertDeliveries.SingleOrDefaultAsync(delivery => delivery.Id == request.Id, cancellationToken);
        delivery?.End(request.Outcome, clock.GetUtcNow());
    }
}
