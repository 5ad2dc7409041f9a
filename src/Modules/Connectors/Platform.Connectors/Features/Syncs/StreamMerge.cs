using System.Globalization;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Features.Streams;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;

namespace Platform.Connectors.Features.Syncs;

/// <summary>
/// Keeps datasets quick to read: many small files become few, and files that repeat keys are merged into those that they change. Settled
/// files are written again only where a row of theirs was replaced.
/// </summary>
internal sealed class StreamMerge(
    DuckDbEngine engine, Datasets datasets, WorkFolders folders, ConnectorStorage storage, IOptions<ConnectorsOptions> options)
{
    private const long SmallBytes = 4 * 1024 * 1024;
    private const long GroupBytes = 128 * 1024 * 1024;

    // The keys of unsettled files are held in memory by whoever reads the dataset.
    private const long MaxUnsettledRows = 1_000_000;
    private static readonly QueryLimits CountLimits = new(MaxRows: 1, MaxBytes: 1024, TimeSpan.FromMinutes(10));

    /// <summary>Whether the files are worth merging.</summary>
    public bool IsDue(IReadOnlyList<DatasetFile> files)
    {
        var most = options.Value.SyncFilesBeforeMerge;
        return files.Count(file => file.Unsettled) >= most
            || files.Where(file => file.Unsettled).Sum(file => file.Rows) >= MaxUnsettledRows
            || files.Count(file => file.Bytes < SmallBytes) >= most;
    }

    /// <summary>The rows and columns of a dataset, as a reader sees them.</summary>
    public async Task<(long Rows, IReadOnlyList<ResultColumn> Columns)> DescribeAsync(
        Guid ownerId, IReadOnlyList<DatasetFile> files, IReadOnlyList<string>? key, CancellationToken cancellationToken)
    {
        var table = await datasets.OpenAsync(files, key, "data", cancellationToken);
        var described = await engine.DescribeAsync(ownerId, [table], cancellationToken);
        return (await CountAsync(ownerId, table, cancellationToken),
            [.. described[0].Columns.Select(column => new ResultColumn(column.Name, column.Type))]);
    }

    /// <summary>Writes the dataset into few files, each key once.</summary>
    /// <param name="ownerId">Whose it is.</param>
    /// <param name="prefix">What the paths of new files begin with.</param>
    /// <param name="files">The dataset.</param>
    /// <param name="key">What its rows are told apart by.</param>
    /// <param name="cancellationToken">Cancels it; what was written is swept later.</param>
    /// <returns>The files that are to take the dataset's place.</returns>
    public async Task<IReadOnlyList<DatasetFile>> MergeAsync(
        Guid ownerId, string prefix, IReadOnlyList<DatasetFile> files, IReadOnlyList<string>? key, CancellationToken cancellationToken)
    {
        var settled = files.TakeWhile(file => !file.Unsettled).ToList();
        var unsettled = files.Skip(settled.Count).ToList();
        var groups = Group(settled);
        var merged = new List<DatasetFile>();
        if (unsettled.Count > 0)
        {
            var isLastSmall = groups.Count > 0 && groups[^1].Concat(unsettled).Sum(file => file.Bytes) <= GroupBytes;
            var last = isLastSmall ? groups[^1] : [];
            groups = last.Count > 0 ? groups[..^1] : groups;
            foreach (var group in groups)
            {
                merged.Add(await WithoutReplacedAsync(group));
            }

            merged.Add(await WriteAsync(await datasets.OpenAsync([.. last, .. unsettled], key, "data", cancellationToken)));
            return merged;
        }

        foreach (var group in groups)
        {
            merged.Add(group.Count == 1 ? group[0] : await WriteAsync(await datasets.OpenAsync(group, null, "data", cancellationToken)));
        }

        return merged;

        async Task<DatasetFile> WithoutReplacedAsync(List<DatasetFile> group)
        {
            var table = await datasets.OpenAsync([.. group, .. unsettled], key, "data", cancellationToken);
            table = table with { Merge = new FileMerge(key!, group.Count, SettledOnly: true) };
            var isUntouched = group.Count == 1 && await CountAsync(ownerId, table, cancellationToken) == group[0].Rows;
            return isUntouched ? group[0] : await WriteAsync(table);
        }

        async Task<DatasetFile> WriteAsync(FileTable table)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Guid.CreateVersion7():N}.parquet");
            return await StoreAsync(ownerId, table, path, cancellationToken);
        }
    }

    private async Task<DatasetFile> StoreAsync(Guid ownerId, FileTable table, string path, CancellationToken cancellationToken)
    {
        var folder = folders.Create(writable: false);
        try
        {
            var target = Path.Combine(folder, "merged.parquet");
            var written = await engine.MergeAsync(ownerId, table, target, cancellationToken);
            await storage.UploadAsync(
                ConnectorStorage.Datasets, path, () => new FileStream(target, FileMode.Open, FileAccess.Read), cancellationToken);
            return new DatasetFile(path, written.RowCount, new FileInfo(target).Length);
        }
        finally
        {
            WorkFolders.Remove(folder);
        }
    }

    private async Task<long> CountAsync(Guid ownerId, FileTable table, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse("select count(*) from data", default);
        var count = await engine.QueryAsync(ownerId, [table], statement, CountLimits, cancellationToken);
        return count.Rows[0][0].GetInt64();
    }

    // Neighbours go together, so that the order in which rows were read stays.
    private static List<List<DatasetFile>> Group(List<DatasetFile> files)
    {
        var groups = new List<List<DatasetFile>>();
        foreach (var file in files)
        {
            if (groups.Count == 0 || groups[^1].Sum(one => one.Bytes) + file.Bytes > GroupBytes)
            {
                groups.Add([]);
            }

            groups[^1].Add(file);
        }

        return groups;
    }
}
