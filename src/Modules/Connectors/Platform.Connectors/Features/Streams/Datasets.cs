using Platform.Connectors.Domain;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Types.Files;

namespace Platform.Connectors.Features.Streams;

/// <summary>Brings the files of datasets to this node, for a worker to read.</summary>
internal sealed class Datasets(FileCache cache, ConnectorStorage storage)
{
    /// <summary>A dataset as a table, under its own name or another.</summary>
    public async Task<FileTable> OpenAsync(ConnectorStream stream, string? alias, CancellationToken cancellationToken)
    {
        var (schema, table) = alias is null ? SplitName(stream.Name) : (null, alias);
        var opened = await OpenAsync(stream.ReadFiles(), stream.ReadDatasetKey(), table, cancellationToken);
        return opened with { Schema = schema };
    }

    /// <summary>Files of a dataset as a table.</summary>
    public async Task<FileTable> OpenAsync(
        IReadOnlyList<DatasetFile> files, IReadOnlyList<string>? key, string table, CancellationToken cancellationToken)
    {
        var paths = new List<string>();
        foreach (var file in files)
        {
            // The owner's id begins the path, so the key is not shared between owners.
            var name = file.Path.Replace('/', '-');
            paths.Add(await cache.GetAsync(name, (target, token) => FetchAsync(file.Path, target, token), cancellationToken));
        }

        var settled = files.TakeWhile(file => !file.Unsettled).Count();
        return new FileTable(table, paths)
        {
            Merge = key is { Count: > 0 } && settled < files.Count ? new FileMerge(key, settled) : null,
        };
    }

    /// <summary>Whether a statement may speak of a dataset; one that it does not name need not be fetched.</summary>
    public static bool IsNamedIn(string sql, string streamName) =>
        sql.Contains(SplitName(streamName).Table, StringComparison.OrdinalIgnoreCase);

    /// <summary><c>archive.orders</c> and <c>"Weird name"</c> as a source writes them: schema and table without quotes.</summary>
    public static (string? Schema, string Table) SplitName(string name)
    {
        var parts = new List<string>();
        for (var at = 0; at < name.Length; at++)
        {
            var end = name[at] == '"' ? name.IndexOf('"', at + 1) + 1 : name.IndexOf('.', at);
            end = end <= at ? name.Length : end;
            parts.Add(name[at..end].Trim('"'));
            at = end;
        }

        return parts is [var schema, var table] ? (schema, table) : (null, parts.Count == 1 ? parts[0] : name);
    }

    private async Task FetchAsync(string path, string target, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(target, FileMode.Create, FileAccess.Write);
        await storage.DownloadAsync(ConnectorStorage.Datasets, path, stream, cancellationToken);
    }
}
