using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Integration;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

/// <summary>Where the next read of a stream begins.</summary>
internal sealed record GetStreamStartQuery(Guid ConnectorId, string Name) : IQuery<StreamRead>;

internal sealed class GetStreamStartHandler(ConnectorsDbContext db) : IRequestHandler<GetStreamStartQuery, StreamRead>
{
    public async Task<StreamRead> Handle(GetStreamStartQuery request, CancellationToken cancellationToken)
    {
        var stream = await db.ConnectorStreams.AsNoTracking()
            .SingleOrDefaultAsync(stream => stream.ConnectorId == request.ConnectorId && stream.Name == request.Name, cancellationToken);
        return stream?.Mode == ConnectorStream.Incremental
            ? new StreamRead(request.Name, stream.CursorColumn, stream.CursorValue)
            : new StreamRead(request.Name, null, null);
    }
}

/// <summary>Makes what was read of a stream its dataset: all at once, so that a reader never sees a half.</summary>
internal sealed record CommitStreamCommand(Guid RunId, long Fence, string Name, StreamReading Reading) : ICommand;

/// <param name="Files">The files in Storage.</param>
/// <param name="Columns">Names and types, or null if nothing was read.</param>
/// <param name="CursorValue">How far it was read.</param>
internal sealed record StreamReading(
    IReadOnlyList<DatasetFile> Files, IReadOnlyList<Contracts.Queries.ResultColumn>? Columns, string? CursorValue)
{
    public long Rows => Files.Sum(file => file.Rows);

    public long Bytes => Files.Sum(file => file.Bytes);
}

internal sealed class CommitStreamHandler(ConnectorsDbContext db, TimeProvider clock) : AsyncRequestHandler<CommitStreamCommand>
{
    protected override async Task Handle(CommitStreamCommand request, CancellationToken cancellationToken)
    {
        var (now, reading) = (clock.GetUtcNow(), request.Reading);
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.RunId, cancellationToken) ?? throw SyncMapping.NotFound();
        run.RecordProgress(request.Fence, request.Name, new StreamProgress(reading.Rows, reading.Bytes, Done: true), now);
        var stream = await db.ConnectorStreams
            .SingleOrDefaultAsync(stream => stream.ConnectorId == run.ConnectorId && stream.Name == request.Name, cancellationToken);
        if (stream is null)
        {
            stream = ConnectorStream.Create(run.ConnectorId, run.UserId, request.Name, now);
            db.ConnectorStreams.Add(stream);
        }

        JsonElement? schema = reading.Columns is null ? null : JsonSerializer.SerializeToElement(reading.Columns, PlatformJson.Options);
        var replaced = stream.TakeIn(reading.Files, schema, reading.CursorValue, now);
        if (replaced.Count > 0)
        {
            db.Publish(new FilesAbandonedIntegrationEvent(run.ConnectorId, [.. replaced.Select(file => file.Path)]));
        }

        db.Append(
            SyncMapping.TopicOf(run.Id), run.UserId, "stream.finished",
            new { stream = request.Name, rows = reading.Rows, bytes = reading.Bytes });
    }
}
