using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Events;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Health;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

/// <summary>Ends a sync and tells everybody.</summary>
internal sealed record FinishSyncCommand(Guid Id, long Fence, string Status, string? Code = null, string? Error = null) : ICommand;

internal sealed class FinishSyncHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<FinishSyncCommand>
{
    protected override async Task Handle(FinishSyncCommand request, CancellationToken cancellationToken)
    {
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.Id, cancellationToken) ?? throw SyncMapping.NotFound();
        run.Finish(request.Fence, request.Status, request.Code, request.Error, clock.GetUtcNow());
        await SyncEnding.TellAsync(db, run, clock.GetUtcNow(), cancellationToken);
    }
}

/// <summary>What follows from the end of a sync, in the transaction that ends it.</summary>
internal static class SyncEnding
{
    public static async Task TellAsync(ConnectorsDbContext db, SyncRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.Append(
            SyncMapping.TopicOf(run.Id), run.UserId, "sync.finished",
            new { status = run.Status, rows = run.RowsRead, error_code = run.ErrorCode, error = run.Error }, final: true);
        var connector = await db.Connectors.SingleOrDefaultAsync(connector => connector.Id == run.ConnectorId, cancellationToken);
        if (connector is null)
        {
            return;
        }

        if (run.Status == SyncStatus.Succeeded)
        {
            connector.RecordSync(now);
            HealthChange.Record(db, connector, healthy: true, null, null, now);
            db.Publish(new ConnectorSyncedIntegrationEvent(connector.Id, run.Id, run.UserId, run.RowsRead));
        }
        else if (run.Status == SyncStatus.Failed)
        {
            HealthChange.Record(db, connector, healthy: false, run.ErrorCode, run.Error, now);
            db.Publish(new ConnectorSyncFailedIntegrationEvent(connector.Id, run.Id, run.UserId, run.ErrorCode ?? "sync_failed"));
        }

        db.ConnectorEvents.Add(ConnectorEvent.Of(
            connector, $"sync_{run.Status}", now, run.ErrorCode, run.Error, new { sync_id = run.Id, rows = run.RowsRead }));
    }
}
