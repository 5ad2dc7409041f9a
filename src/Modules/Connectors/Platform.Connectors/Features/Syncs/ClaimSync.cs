using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

/// <summary>Takes a sync up, if nobody else works on it.</summary>
internal sealed record ClaimSyncCommand(Guid Id) : ICommand<SyncClaim?>;

/// <param name="Id">The run.</param>
/// <param name="ConnectorId">What to read.</param>
/// <param name="Fence">Goes with everything that is written.</param>
/// <param name="Streams">The streams asked for, or null for all.</param>
/// <param name="Progress">What earlier attempts have read.</param>
internal sealed record SyncClaim(
    Guid Id, Guid ConnectorId, long Fence, IReadOnlyList<string>? Streams, IReadOnlyDictionary<string, StreamProgress> Progress)
{
    public bool IsDone(string stream) => Progress.TryGetValue(stream, out var progress) && progress.Done;

    public long RowsOf(string stream) => Progress.TryGetValue(stream, out var progress) ? progress.Rows : 0;
}

internal sealed class ClaimSyncHandler(ConnectorsDbContext db, IOptions<ConnectorsOptions> options, TimeProvider clock)
    : IRequestHandler<ClaimSyncCommand, SyncClaim?>
{
    public async Task<SyncClaim?> Handle(ClaimSyncCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.Id, cancellationToken);
        if (run is null || !run.CanBeClaimed(now))
        {
            return null;
        }

        if (run.CancelRequestedAt is not null)
        {
            run.RequestCancel(now);
            db.Append(SyncMapping.TopicOf(run.Id), run.UserId, "sync.finished", new { status = run.Status }, final: true);
            return null;
        }

        run.Claim(TimeSpan.FromSeconds(options.Value.SyncLeaseSeconds), now);
        db.Append(SyncMapping.TopicOf(run.Id), run.UserId, "sync.started", new { attempt = run.Attempts });
        return new SyncClaim(run.Id, run.ConnectorId, run.Fence, run.ReadStreams(), run.ReadProgress());
    }
}

/// <summary>Shows that the work goes on, and asks whether it still should.</summary>
internal sealed record RenewSyncCommand(Guid Id, long Fence, string? Stream, long Rows) : ICommand<bool>;

/// <summary>Answers whether the owner wants the sync stopped.</summary>
internal sealed class RenewSyncHandler(ConnectorsDbContext db, IOptions<ConnectorsOptions> options, TimeProvider clock)
    : IRequestHandler<RenewSyncCommand, bool>
{
    public async Task<bool> Handle(RenewSyncCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.Id, cancellationToken) ?? throw SyncMapping.NotFound();
        run.Renew(request.Fence, TimeSpan.FromSeconds(options.Value.SyncLeaseSeconds), now);
        if (request.Stream is { } stream && request.Rows != run.ReadProgress().GetValueOrDefault(stream)?.Rows)
        {
            var before = run.ReadProgress().GetValueOrDefault(stream) ?? new StreamProgress(0, 0, Done: false);
            run.RecordProgress(request.Fence, stream, before with { Rows = request.Rows }, now);
            db.Append(SyncMapping.TopicOf(run.Id), run.UserId, "stream.progress", new { stream, rows = request.Rows });
        }

        return run.CancelRequestedAt is not null;
    }
}

/// <summary>Gives a sync back, for another attempt later.</summary>
internal sealed record ReleaseSyncCommand(Guid Id, long Fence, TimeSpan Delay) : ICommand;

internal sealed class ReleaseSyncHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<ReleaseSyncCommand>
{
    protected override async Task Handle(ReleaseSyncCommand request, CancellationToken cancellationToken)
    {
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.Id, cancellationToken);
        run?.Release(request.Fence, request.Delay, clock.GetUtcNow());
    }
}

/// <summary>What a sync needs to know of its connector; the answer holds opened credentials and stays in memory.</summary>
internal sealed record OpenSyncSourceQuery(Guid ConnectorId) : IQuery<OpenConnector>;

internal sealed class OpenSyncSourceHandler(ConnectorOpener opener) : IRequestHandler<OpenSyncSourceQuery, OpenConnector>
{
    public Task<OpenConnector> Handle(OpenSyncSourceQuery request, CancellationToken cancellationToken) =>
        opener.OpenAsync(request.ConnectorId, "read", cancellationToken);
}
