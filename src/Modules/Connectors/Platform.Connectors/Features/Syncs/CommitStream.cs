using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

/// <summary>
/// Adds files to a dataset, or puts them in its place, together with how far they reach: a reader sees the one or the other, and the place
/// is never ahead of the data.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Fence">Its fencing number.</param>
/// <param name="Start">What was asked of the source; its cursor value is what the stream must have still.</param>
/// <param name="Parts">The files; empty where the source has nothing new.</param>
internal sealed record CommitPartsCommand(Guid RunId, long Fence, StreamStart Start, IReadOnlyList<DatasetPart> Parts)
    : ICommand<IReadOnlyList<DatasetFile>>;

/// <summary>Answers the files that the dataset has now.</summary>
internal sealed class CommitPartsHandler(ConnectorsDbContext db, TimeProvider clock)
    : IRequestHandler<CommitPartsCommand, IReadOnlyList<DatasetFile>>
{
    public async Task<IReadOnlyList<DatasetFile>> Handle(CommitPartsCommand request, CancellationToken cancellationToken)
    {
        var (now, read) = (clock.GetUtcNow(), request.Start.Read);
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.RunId, cancellationToken) ?? throw SyncMapping.NotFound();
        RecordProgress(run, request, now);
        var stream = await db.ConnectorStreams
            .SingleOrDefaultAsync(stream => stream.ConnectorId == run.ConnectorId && stream.Name == read.Name, cancellationToken);
        if (stream is null)
        {
            stream = ConnectorStream.Create(run.ConnectorId, run.UserId, read.Name, now);
            db.ConnectorStreams.Add(stream);
        }

        if (stream.CursorColumn != read.CursorColumn || (!request.Start.IsAnew && stream.CursorValue != read.CursorValue))
        {
            throw new ConflictException("stream_changed", "The stream was reset or set up anew while it was read. Start the sync again.");
        }

        var known = request.Start.IsAnew ? [] : DatasetSchema.Read(stream.Schema);
        var columns = MergeColumns(known, request.Parts.SelectMany(part => part.Columns));
        var replaced = stream.TakeIn(
            [.. request.Parts.Select(part => part.File)], request.Start.IsAnew, request.Start.Key, DatasetSchema.Write(columns),
            request.Parts.Count > 0 ? request.Parts[^1].CursorValue : null, now);
        if (replaced.Count > 0)
        {
            db.Publish(new FilesAbandonedIntegrationEvent(run.ConnectorId, [.. replaced.Select(file => file.Path)]));
        }

        return stream.ReadFiles();
    }

    private static void RecordProgress(SyncRun run, CommitPartsCommand request, DateTimeOffset now)
    {
        var name = request.Start.Read.Name;
        var before = run.ReadProgress().GetValueOrDefault(name) ?? new StreamProgress(0, 0, Done: false);
        var written = before.Written + request.Parts.Sum(part => part.File.Rows);
        run.RecordProgress(
            request.Fence, name,
            new StreamProgress(
                Math.Max(before.Rows, written), before.Bytes + request.Parts.Sum(part => part.File.Bytes), Done: false, written),
            now);
    }

    // Exact types come at the stream's end; until then a column keeps the type that it had first.
    private static List<ResultColumn> MergeColumns(IReadOnlyList<ResultColumn> before, IEnumerable<ResultColumn> added) =>
        [.. before.Concat(added).DistinctBy(column => column.Name, StringComparer.OrdinalIgnoreCase)];
}

/// <summary>Ends the reading of a stream: what it has now, and what the source has changed since the last time.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Fence">Its fencing number.</param>
/// <param name="Name">The stream.</param>
/// <param name="SourceColumns">The columns that were read; null if the source told none.</param>
/// <param name="Rows">The rows of the dataset; null if they are the sum of its files.</param>
/// <param name="Columns">The columns of the dataset; null if they are known.</param>
internal sealed record CompleteStreamCommand(
    Guid RunId, long Fence, string Name, IReadOnlyList<ResultColumn>? SourceColumns, long? Rows, IReadOnlyList<ResultColumn>? Columns)
    : ICommand
{
    /// <summary>What the owner should know of the rows; null if there is nothing.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}

internal sealed class CompleteStreamHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<CompleteStreamCommand>
{
    protected override async Task Handle(CompleteStreamCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.RunId, cancellationToken) ?? throw SyncMapping.NotFound();
        var progress = run.ReadProgress().GetValueOrDefault(request.Name) ?? new StreamProgress(0, 0, Done: false);
        run.RecordProgress(request.Fence, request.Name, progress with { Rows = progress.Written, Done = true, Notes = request.Notes }, now);
        var stream = await db.ConnectorStreams
            .SingleOrDefaultAsync(stream => stream.ConnectorId == run.ConnectorId && stream.Name == request.Name, cancellationToken)
            ?? throw new ConflictException("stream_changed", "The stream was removed while it was read.");
        var change = request.SourceColumns is null
            ? null
            : DatasetSchema.Compare(request.Name, DatasetSchema.Read(stream.SourceSchema), request.SourceColumns);
        stream.Complete(request.SourceColumns is null ? null : DatasetSchema.Write(request.SourceColumns), request.Rows, now);
        if (request.Columns is not null)
        {
            stream.Describe(DatasetSchema.Write(request.Columns));
        }

        if (change is not null)
        {
            await RecordAsync(run, change, now, cancellationToken);
        }

        db.Append(
            SyncMapping.TopicOf(run.Id), run.UserId, "stream.finished",
            new { stream = request.Name, rows = progress.Written, bytes = progress.Bytes, notes = request.Notes ?? [] });
    }

    private async Task RecordAsync(SyncRun run, SchemaChange change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.Append(SyncMapping.TopicOf(run.Id), run.UserId, "stream.schema_changed", change);
        var connector = await db.Connectors.AsNoTracking().SingleOrDefaultAsync(one => one.Id == run.ConnectorId, cancellationToken);
        if (connector is not null)
        {
            db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "stream_schema_changed", now, detail: change.ToText(), data: change));
        }
    }
}

/// <summary>Puts merged files in the place of those that they were made of.</summary>
internal sealed record CommitMergeCommand(
    Guid RunId, long Fence, string Name, IReadOnlyList<DatasetFile> Merged, IReadOnlyList<DatasetFile> By) : ICommand;

internal sealed class CommitMergeHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<CommitMergeCommand>
{
    protected override async Task Handle(CommitMergeCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.RunId, cancellationToken) ?? throw SyncMapping.NotFound();
        run.RequireLease(request.Fence);
        var stream = await db.ConnectorStreams
            .SingleOrDefaultAsync(stream => stream.ConnectorId == run.ConnectorId && stream.Name == request.Name, cancellationToken);
        if (stream?.Replace(request.Merged, request.By, now) is not { } replaced)
        {
            throw new ConflictException("stream_changed", "The stream was reset or set up anew while it was read. Start the sync again.");
        }

        db.Publish(new FilesAbandonedIntegrationEvent(run.ConnectorId, [.. replaced.Select(file => file.Path)]));
    }
}
