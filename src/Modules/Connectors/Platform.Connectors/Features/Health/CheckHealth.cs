using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Health;

/// <summary>The connectors of everybody whose source is to be asked now; nobody else gets them for a while.</summary>
internal sealed record TakeDueChecksCommand : ICommand<IReadOnlyList<DueCheck>>;

internal sealed record DueCheck(Guid ConnectorId, Guid UserId);

internal sealed class TakeDueChecksHandler(
    ConnectorsDbContext db, IOptions<ConnectorsOptions> options, ConnectorTypes types, TimeProvider clock)
    : IRequestHandler<TakeDueChecksCommand, IReadOnlyList<DueCheck>>
{
    private const int MaxChecks = 64;
    private static readonly TimeSpan UntilTheNextLook = TimeSpan.FromMinutes(2);

    public async Task<IReadOnlyList<DueCheck>> Handle(TakeDueChecksCommand request, CancellationToken cancellationToken)
    {
        var (now, period) = (clock.GetUtcNow(), options.Value.HealthSeconds);
        string[] kinds = [.. types.All.Where(type => type.Capabilities.Contains(ConnectorTypes.Test)).Select(type => type.Kind)];
        // A new connector is looked at within a period; which moment of it chance decides, so that many do not come at once.
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into connectors.connector_health (connector_id, user_id, next_check_at)
            select connector.id, connector.user_id, {now} + random() * {period} * interval '1 second'
            from connectors.connectors as connector
            where connector.type = any ({kinds})
              and not exists (select 1 from connectors.connector_health as health where health.connector_id = connector.id)
            on conflict do nothing
            """,
            cancellationToken);
        return await db.Database.SqlQuery<DueCheck>(
            $"""
            update connectors.connector_health set next_check_at = {now + UntilTheNextLook}
            where connector_id in (
              select health.connector_id from connectors.connector_health as health
              join connectors.connectors as connector on connector.id = health.connector_id
              where health.next_check_at <= {now} and connector.status <> 'paused' and connector.type = any ({kinds})
              order by health.next_check_at
              limit {MaxChecks}
              for update of health skip locked)
            returning connector_id, user_id
            """).ToListAsync(cancellationToken);
    }
}

/// <summary>Keeps what a check has found; the status changes when it is found more than once.</summary>
internal sealed record RecordCheckCommand(Guid ConnectorId, ConnectionTestResult Result) : ICommand;

internal sealed class RecordCheckValidator : AbstractValidator<RecordCheckCommand>
{
    public RecordCheckValidator() => RuleFor(command => command.Result.Code).NotEmpty().MaximumLength(80);
}

internal sealed class RecordCheckHandler(ConnectorsDbContext db, IOptions<ConnectorsOptions> options, TimeProvider clock)
    : AsyncRequestHandler<RecordCheckCommand>
{
    protected override async Task Handle(RecordCheckCommand request, CancellationToken cancellationToken)
    {
        var (now, result) = (clock.GetUtcNow(), request.Result);
        var connector = await db.Connectors.SingleOrDefaultAsync(one => one.Id == request.ConnectorId, cancellationToken);
        var health = await db.ConnectorHealth.SingleOrDefaultAsync(one => one.ConnectorId == request.ConnectorId, cancellationToken);
        if (connector is null || health is null || connector.Status == ConnectorStatus.Paused)
        {
            return;
        }

        // A sync may have failed at a source that answers; then only a sync, or a test that somebody wants, shows that all is well again.
        var isSyncs = connector is { Status: ConnectorStatus.Error, StatusCode: { } code } && !ConnectionTest.IsCode(code);
        var status = isSyncs && result.Ok ? ConnectorStatus.Active : connector.Status;
        var period = TimeSpan.FromSeconds(options.Value.HealthSeconds * (0.8 + (0.4 * Random.Shared.NextDouble())));
        if (health.Record(result.Ok, result.Code, status, period, now))
        {
            var from = connector.Status;
            if (HealthChange.Record(db, connector, result.Ok, result.Code, result.Detail, now))
            {
                db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "health_changed", now, result.Code, result.Detail, new { from }));
            }
        }
        else if (!result.Ok && connector.Status == ConnectorStatus.Error && !isSyncs && connector.StatusCode != result.Code)
        {
            connector.RecordHealth(healthy: false, result.Code, result.Detail, now);
        }
    }
}
