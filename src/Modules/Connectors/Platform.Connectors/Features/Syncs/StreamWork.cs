using MediatR;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Types;

namespace Platform.Connectors.Features.Syncs;

/// <summary>How a sync sends its messages: each in a scope and transaction of its own, as the owner.</summary>
internal interface ISyncMessages
{
    Task<T> SendAsync<T>(IRequest<T> request, CancellationToken cancellationToken);
}

/// <summary>Reads one stream into its dataset.</summary>
internal sealed class StreamWork(DatasetWriters writers, StreamMerge merge, ConnectorStorage storage)
{
    public async Task RunAsync(
        OpenConnector connector, SyncClaim claim, string name, IReadOnlyList<string> sourceKey, SyncLife life, ISyncMessages messages)
    {
        var query = new GetStreamStartQuery(claim.ConnectorId, name, sourceKey, connector.Type.ReadsInclusively);
        var reading = new Reading(claim, await messages.SendAsync(query, life.Token), life, messages);
        life.Watch(name, claim.RowsOf(name));
        await ReadAsync(connector, reading);
        var (rows, columns) = await SettleAsync(connector.Settings.OwnerId, reading);
        await life.WithoutSignAsync(async () =>
        {
            await messages.SendAsync(
                new CompleteStreamCommand(claim.Id, claim.Fence, name, reading.SourceColumns, rows, columns) { Notes = reading.Notes },
                life.Token);
            life.Watch(null, 0);
        });
        await SweepAsync(connector.Settings.OwnerId, reading);
    }

    private async Task ReadAsync(OpenConnector connector, Reading reading)
    {
        var token = reading.Life.Token;
        await using var writer = writers.Create(connector.Settings.OwnerId, reading.Claim, reading.Start, reading.KeepAsync);
        if (connector.Type is IParquetSource source)
        {
            var table = await source.OpenAsync(connector.Settings, token);
            reading.Notes = table.Import is { Notes: { Count: > 0 } notes } ? notes : null;
            reading.Life.Count(await writer.AddFileAsync(table, token));
        }
        else
        {
            await foreach (var batch in connector.Type.ReadAsync(connector.Settings, reading.Start.Read, token))
            {
                await writer.AddAsync(batch, token);
                reading.Life.Count(batch.Count);
            }

            await writer.CompleteAsync(reading.Start.IsAnew, token);
        }

        await reading.CommitAsync();
    }

    private async Task<(long? Rows, IReadOnlyList<ResultColumn>? Columns)> SettleAsync(Guid ownerId, Reading reading)
    {
        var (files, token) = (reading.Files, reading.Life.Token);
        if (merge.IsDue(files))
        {
            var prefix = DatasetWriters.PrefixOf(ownerId, reading.Claim, reading.Start.Read.Name);
            var by = await merge.MergeAsync(ownerId, prefix, files, reading.Start.Key, token);
            if (!by.SequenceEqual(files))
            {
                await reading.ReplaceAsync(by);
                files = by;
            }
        }

        return files.Count == 0 || files is [{ Unsettled: false }]
            ? (null, reading.SourceColumns)
            : await merge.DescribeAsync(ownerId, files, reading.Start.Key, token);
    }

    /// <summary>Removes what dead attempts have left: nobody but this one writes into the stream's folder.</summary>
    private async Task SweepAsync(Guid ownerId, Reading reading)
    {
        var folder = DatasetWriters.FolderOf(ownerId, reading.Claim.ConnectorId, reading.Start.Read.Name);
        var known = await storage.ListAsync(ConnectorStorage.Datasets, folder, reading.Life.Token);
        var left = known.Except(reading.Files.Select(file => file.Path), StringComparer.Ordinal).ToList();
        if (left.Count > 0)
        {
            await storage.RemoveAsync(ConnectorStorage.Datasets, left, reading.Life.Token);
        }
    }

    /// <summary>The state of one reading.</summary>
    private sealed class Reading(SyncClaim claim, StreamStart start, SyncLife life, ISyncMessages messages)
    {
        private readonly List<DatasetPart> _parts = [];

        public SyncClaim Claim => claim;

        public StreamStart Start { get; private set; } = start;

        public SyncLife Life => life;

        public ISyncMessages Messages => messages;

        /// <summary>The files of the dataset, as of the last commit.</summary>
        public IReadOnlyList<DatasetFile> Files { get; private set; } = [];

        /// <summary>What the owner should know of the rows.</summary>
        public IReadOnlyList<string>? Notes { get; set; }

        /// <summary>The columns that the source gave.</summary>
        public IReadOnlyList<ResultColumn>? SourceColumns { get; private set; }

        public async Task KeepAsync(DatasetPart part)
        {
            RequireKey(part.Columns);
            SourceColumns = part.Columns;
            _parts.Add(part);
            if (Start.KeepsParts)
            {
                await CommitAsync();
            }
        }

        public async Task CommitAsync()
        {
            if (_parts.Count == 0 && Files.Count > 0)
            {
                return;
            }

            await life.WithoutSignAsync(async () =>
                Files = await messages.SendAsync(new CommitPartsCommand(claim.Id, claim.Fence, Start, [.. _parts]), life.Token));
            var reached = _parts.Count > 0 ? _parts[^1].CursorValue : null;
            _parts.Clear();
            Start = Start with { IsAnew = false, Read = Start.Read with { CursorValue = reached ?? Start.Read.CursorValue } };
        }

        public async Task ReplaceAsync(IReadOnlyList<DatasetFile> by)
        {
            await life.WithoutSignAsync(() => messages.SendAsync(
                new CommitMergeCommand(claim.Id, claim.Fence, Start.Read.Name, Files, by), life.Token));
            Files = by;
        }

        private void RequireKey(IReadOnlyList<ResultColumn> columns)
        {
            var missing = (Start.Key ?? []).Except(columns.Select(column => column.Name), StringComparer.OrdinalIgnoreCase).ToList();
            if (missing.Count > 0)
            {
                throw new SourceException(
                    SourceFailure.InvalidConfig, $"{Start.Read.Name} has no column {missing[0]}, which its primary key names.");
            }
        }
    }
}
