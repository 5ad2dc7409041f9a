using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb.Files;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb;

/// <summary>A table of a query: its name, in a schema if it has one, and the files on this node.</summary>
internal sealed record FileTable(string Name, IReadOnlyList<string> Paths, string Format = FileTable.Parquet, string? Schema = null)
{
    public const string Parquet = "parquet";

    /// <summary>JSON, an object a line.</summary>
    public const string Lines = "lines";

    /// <summary>CSV without a head: a mark that is not read, then the columns as text; nothing without quotes is null.</summary>
    public const string Rows = "rows";

    /// <summary>What its owner should know of the file that it was made of.</summary>
    public ImportedFile? Import { get; init; }

    /// <summary>How several files are one table; null if their rows are simply all there.</summary>
    public FileMerge? Merge { get; init; }
}

/// <summary>Of rows with the same key the newest counts: the one of the last file, and there the last.</summary>
/// <param name="Key">The columns of the key.</param>
/// <param name="Settled">How many files, the first ones, have each key once among them.</param>
/// <param name="SettledOnly">Whether only the rows of those are wanted, without those that later files replace.</param>
internal sealed record FileMerge(IReadOnlyList<string> Key, int Settled, bool SettledOnly = false);

/// <summary>What was made of a file.</summary>
internal sealed record ConvertedFile(string Path, long RowCount, IReadOnlyList<ResultColumn> Columns);

/// <summary>What the owner of a foreign file should know of its table.</summary>
/// <param name="Summary">How the file was understood.</param>
/// <param name="Notes">What does not lie in the table as it lay in the file.</param>
internal sealed record ImportedFile(string Summary, IReadOnlyList<string> Notes);

/// <summary>Queries and converts files, in workers; nothing of a foreign file is read in this process.</summary>
internal sealed class DuckDbEngine(WorkerPool pool, WorkFolders folders, IOptions<DuckDbOptions> options)
{
    private readonly DuckDbOptions _options = options.Value;

    public async Task<Reading> QueryAsync(
        Guid ownerId, IReadOnlyList<FileTable> tables, SqlStatement statement, QueryLimits limits, CancellationToken cancellationToken)
    {
        var (reply, rows) = await WorkAsync(
            ownerId, tables,
            (folder, placed) => new WorkerRequest
            {
                Verb = WorkerRequest.Query,
                Folder = folder,
                Limits = LimitsOf(limits.Timeout) with { MaxRows = limits.MaxRows, MaxBytes = limits.MaxBytes },
                Tables = placed,
                Sql = statement.Text,
                IsSubquery = statement.Verb is not ("show" or "explain" or "describe" or "summarize"),
                Values = statement.Values,
            },
            cancellationToken);
        return new Reading(reply.Columns, JsonElement.Parse(rows), (int)reply.RowCount, reply.Truncated);
    }

    public async Task<IReadOnlyList<SourceTable>> DescribeAsync(
        Guid ownerId, IReadOnlyList<FileTable> tables, CancellationToken cancellationToken)
    {
        var (reply, _) = await WorkAsync(
            ownerId, tables,
            (folder, placed) => new WorkerRequest
            {
                Verb = WorkerRequest.Describe,
                Folder = folder,
                Limits = LimitsOf(TimeSpan.FromSeconds(30)),
                Tables = placed,
            },
            cancellationToken);
        return [.. reply.Tables.Select(table => new SourceTable(
            table.Name, [.. table.Columns.Select(column => new SourceColumn(column.Name, column.Type, Nullable: true))]))];
    }

    /// <summary>Makes one Parquet file of the inputs and moves it to <paramref name="target"/>.</summary>
    public async Task<ConvertedFile> ConvertAsync(
        Guid ownerId, IReadOnlyList<string> inputs, string format, IReadOnlyList<StreamColumn>? columns, string target,
        CancellationToken cancellationToken)
    {
        const string Output = "output.parquet";
        var folder = folders.Create(writable: true);
        try
        {
            var names = inputs.Select((input, index) => Place(input, folder, $"input{index}.{format}")).ToList();
            var request = new WorkerRequest
            {
                Verb = WorkerRequest.Convert,
                Folder = folder,
                Limits = LimitsOf(TimeSpan.FromSeconds(_options.ConversionSeconds)),
                Conversion = new WorkerConversion(
                    names, format, columns?.Select(column => new WorkerColumn(column.Name, column.StorageType)).ToList(), Output),
            };
            var (reply, _) = await AskAsync(ownerId, request, cancellationToken);
            // A copy, not a move: the file that the worker made belongs to the worker's user.
            File.Copy(Path.Combine(folder, Output), target, overwrite: true);
            WorkFolders.Seal(target);
            return new ConvertedFile(target, reply.RowCount, reply.Columns);
        }
        finally
        {
            WorkFolders.Remove(folder);
        }
    }

    /// <summary>Writes a table, as a query would read it, into one Parquet file at <paramref name="target"/>.</summary>
    public async Task<ConvertedFile> MergeAsync(Guid ownerId, FileTable table, string target, CancellationToken cancellationToken)
    {
        const string Output = "output.parquet";
        var folder = folders.Create(writable: true);
        try
        {
            var request = new WorkerRequest
            {
                Verb = WorkerRequest.Convert,
                Folder = folder,
                Limits = LimitsOf(TimeSpan.FromSeconds(_options.ConversionSeconds)),
                Tables = [PlaceTable(table, 0, folder)],
                Conversion = new WorkerConversion([table.Name], Conversion.Table, null, Output),
            };
            var (reply, _) = await AskAsync(ownerId, request, cancellationToken);
            File.Copy(Path.Combine(folder, Output), target, overwrite: true);
            WorkFolders.Seal(target);
            return new ConvertedFile(target, reply.RowCount, reply.Columns);
        }
        finally
        {
            WorkFolders.Remove(folder);
        }
    }

    /// <summary>Makes the Parquet file of a foreign file; one that is Parquet already is looked at in a worker and kept.</summary>
    /// <param name="ownerId">Whose file it is.</param>
    /// <param name="reading">How it is read.</param>
    /// <param name="target">The file to write.</param>
    /// <param name="fetch">Writes the foreign file to a path.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<ImportedFile> ImportAsync(
        Guid ownerId, FileReading reading, string target, Func<string, CancellationToken, Task> fetch, CancellationToken cancellationToken)
    {
        const string Output = "output.parquet";
        var original = $"{target}.original";
        var folder = folders.Create(writable: true);
        try
        {
            await fetch(original, cancellationToken);
            var request = new WorkerRequest
            {
                Verb = WorkerRequest.Import,
                Folder = folder,
                Limits = LimitsOf(TimeSpan.FromSeconds(_options.ConversionSeconds)),
                File = new WorkerImport(Place(original, folder, "input"), Output, reading),
            };
            var (reply, _) = await AskAsync(ownerId, request, cancellationToken);
            if (reply.IsInput)
            {
                File.Move(original, target, overwrite: true);
            }
            else
            {
                // A copy, not a move: the file that the worker made belongs to the worker's user.
                File.Copy(Path.Combine(folder, Output), target, overwrite: true);
            }

            return new ImportedFile(reply.Summary, reply.Notes);
        }
        finally
        {
            WorkFolders.Remove(folder);
            File.Delete(original);
        }
    }

    /// <summary>The rows of a Parquet file, for a sync.</summary>
    public async IAsyncEnumerable<RowBatch> ReadLinesAsync(
        Guid ownerId, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string Output = "output.lines";
        const int BatchBytes = 4 * 1024 * 1024;
        var folder = folders.Create(writable: true);
        try
        {
            var request = new WorkerRequest
            {
                Verb = WorkerRequest.Convert,
                Folder = folder,
                Limits = LimitsOf(TimeSpan.FromSeconds(_options.ConversionSeconds)),
                Conversion = new WorkerConversion([Place(path, folder, "input.parquet")], FileTable.Parquet, null, Output),
            };
            var (reply, _) = await AskAsync(ownerId, request, cancellationToken);
            IReadOnlyList<StreamColumn> columns = [.. reply.Stored.Select(column => new StreamColumn(column.Name, column.Type))];
            await foreach (var (lines, count) in LineChunks.ReadAsync(Path.Combine(folder, Output), BatchBytes, cancellationToken))
            {
                yield return new RowBatch(columns, lines, count, null);
            }
        }
        finally
        {
            WorkFolders.Remove(folder);
        }
    }

    private async Task<(WorkerReply Reply, byte[] Rows)> WorkAsync(
        Guid ownerId, IReadOnlyList<FileTable> tables, Func<string, IReadOnlyList<WorkerTable>, WorkerRequest> request,
        CancellationToken cancellationToken)
    {
        var answer = await pool.AskAsync(
            ownerId,
            folder => request(folder, [.. tables.Select((table, number) => PlaceTable(table, number, folder))]),
            cancellationToken);
        return Check(answer);
    }

    private async Task<(WorkerReply Reply, byte[] Rows)> AskAsync(Guid ownerId, WorkerRequest request, CancellationToken cancellationToken) =>
        Check(await pool.AskAsync(ownerId, request, cancellationToken));

    private static (WorkerReply Reply, byte[] Rows) Check((WorkerReply Reply, byte[] Rows) answer) =>
        answer.Reply.Code is { } code ? throw new SourceException(code, answer.Reply.Message ?? "") : answer;

    private WorkerLimits LimitsOf(TimeSpan timeout) =>
        new(_options.MemoryMegabytes, _options.Threads, (int)timeout.TotalMilliseconds, 0, 0);

    private static WorkerTable PlaceTable(FileTable table, int number, string folder)
    {
        var files = table.Paths.Select((path, part) => Place(path, folder, $"t{number}-{part}.{table.Format}"));
        return new WorkerTable(table.Name, [.. files], table.Format, table.Schema) { Merge = table.Merge };
    }

    private static string Place(string source, string folder, string name)
    {
        WorkFolders.Place(source, folder, name);
        return name;
    }
}
