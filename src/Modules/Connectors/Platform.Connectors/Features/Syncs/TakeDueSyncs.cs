using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

/// <summary>
/// The syncs of everybody that wait in vain: their job was lost, or whoever worked on them died. Those that were started too often end
/// here.
/// </summary>
internal sealed record TakeDueSyncsCommand : ICommand<IReadOnlyList<DueSync>>;

internal sealed record DueSync(Guid Id, Guid UserId);

internal sealed class TakeDueSyncsHandler(ConnectorsDbContext db, IOptions<ConnectorsOptions> options, TimeProvider clock)
    : IRequestHandler<TakeDueSyncsCommand, IReadOnlyList<DueSync>>
{
    private const int MaxRuns = 100;
    private static readonly TimeSpan UntilTheNextLook = TimeSpan.FromSeconds(60);

    public async Task<IReadOnlyList<DueSync>> Handle(TakeDueSyncsCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var runs = await db.SyncRuns
            .Where(run => (run.Status == SyncStatus.Queued || run.Status == SyncStatus.Running)
                && run.AvailableAt <= now && (run.LeaseUntil == null || run.LeaseUntil < now))
            .OrderBy(run => run.AvailableAt)
            .Take(MaxRuns)
            .ToListAsync(cancellationToken);
        var due = new List<DueSync>();
        foreach (var run in runs)
        {
            if (run.Attempts >= options.Value.SyncMaxAttempts)
            {
                run.Abandon(now);
                await SyncEnding.TellAsync(db, run, now, cancellationToken);
            }
            else
            {
                run.PutOff(UntilTheNextLook, now);
                due.Add(new DueSync(run.Id, run.UserId));
            }
        }

        return due;
    }
}

/// <summary>The connectors of everybody whose schedule says that a sync is due.</summary>
internal sealed record ListDueConnectorsQuery : IQuery<IReadOnlyList<Guid>>;

internal sealed class ListDueConnectorsHandler(ConnectorsDbContext db, TimeProvider clock)
    : IRequestHandler<ListDueConnectorsQuery, IReadOnlyList<Guid>>
{
    private const int MaxConnectors = 200;

    public async Task<IReadOnlyList<Guid>> Handle(ListDueConnectorsQuery request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Connectors.AsNoTracking()
            .Where(connector => connector.NextSyncAt != null && connector.NextSyncAt <= now)
            .OrderBy(connector => connector.NextSyncAt)
            .Take(MaxConnectors)
            .Select(connector => connector.Id)
            .ToListAsync(cancellationToken);
    }
}

/// <summary>
/// Starts the sync that a schedule asks for, unless one runs, and sets the next time. Times that were missed, because nothing was up or a
/// sync took longer, come as one.
/// </summary>
internal sealed record StartScheduledSyncCommand(Guid ConnectorId) : ICommand;

internal sealed class StartScheduledSyncHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<StartScheduledSyncCommand>
{
    protected override async Task Handle(StartScheduledSyncCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var connector = await db.Connectors.SingleOrDefaultAsync(connector => connector.Id == request.ConnectorId, cancellationToken);
        if (connector?.NextSyncAt is null || connector.NextSyncAt > now)
        {
            return;
        }

        connector.PutOnSchedule(
            connector.Schedule, connector.TimeZone, ConnectorRules.NextOf(connector.Schedule, connector.TimeZone, now), now);
        var runs = await db.SyncRuns.AnyAsync(
            run => run.ConnectorId == connector.Id && (
                run.Status == SyncStatus.Queued || run.Status == SyncStatus.Running), cancellationToken);
        if (connector.Status == ConnectorStatus.Paused || runs)
        {
            return;
        }

        var sync = SyncRun.Create(connector.Id, connector.UserId, "schedule", null, now);
        db.SyncRuns.Add(sync);
        db.Append(SyncMapping.TopicOf(sync.Id), sync.UserId, "sync.queued", new { id = sync.Id, connector_id = sync.ConnectorId });
        db.Publish(new SyncRequestedIntegrationEvent(connector.Id, sync.Id, sync.UserId));
    }
}
