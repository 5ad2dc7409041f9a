using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;

namespace Platform.Connectors.Sqlite;

/// <summary>Asks SQLite files, in workers; no page of a foreign file is read in this process.</summary>
internal sealed class SqliteEngine(WorkerPool pool, WorkFolders folders, IOptions<DuckDbOptions> options)
{
    private const string Input = "input.sqlite";
    private const string Output = "output.lines";
    private const int BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan DescribeTime = TimeSpan.FromSeconds(30);
    private readonly DuckDbOptions _options = options.Value;

    public async Task<Reading> QueryAsync(
        Guid ownerId, string path, SqlStatement statement, QueryLimits limits, CancellationToken cancellationToken)
    {
        var bounds = LimitsOf(limits.Timeout) with { MaxRows = limits.MaxRows, MaxBytes = limits.MaxBytes };
        var (reply, rows) = await AskAsync(
            ownerId, path,
            folder => new WorkerRequest
            {
                Verb = WorkerRequest.Query,
                Folder = folder,
                Limits = bounds,
                Sql = statement.Text,
                Values = statement.Values,
                Sqlite = new WorkerSqlite(Input),
            },
            cancellationToken);
        return new Reading(reply.Columns, JsonElement.Parse(rows), (int)reply.RowCount, reply.Truncated);
    }

    /// <summary>The tables and views whose name, or whose columns' names, hold the search.</summary>
    public async Task<IReadOnlyList<SourceTable>> DescribeAsync(
        Guid ownerId, string path, string? search, CancellationToken cancellationToken)
    {
        var (reply, _) = await AskAsync(
            ownerId, path,
            folder => new WorkerRequest
            {
                Verb = WorkerRequest.Describe,
                Folder = folder,
                Limits = LimitsOf(DescribeTime),
                Sqlite = new WorkerSqlite(Input, Search: search),
            },
            cancellationToken);
        return [.. reply.Tables.Select(table => new SourceTable(
            table.Name, [.. table.Columns.Select(column => new SourceColumn(column.Name, column.Type, Nullable: true))]))];
    }

    /// <summary>A table's rows, or those behind the cursor.</summary>
    public async IAsyncEnumerable<RowBatch> ReadAsync(
        Guid ownerId, string path, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = folders.Create(writable: true);
        try
        {
            WorkFolders.Place(path, folder, Input);
            var work = new WorkerSqlite(Input, null, stream.Name, stream.CursorColumn, stream.CursorValue, Output);
            var request = new WorkerRequest
            {
                Verb = WorkerRequest.Convert,
                Folder = folder,
                Limits = LimitsOf(TimeSpan.FromSeconds(_options.ConversionSeconds)),
                Sqlite = work,
            };
            var (reply, _) = await pool.AskAsync(ownerId, request, cancellationToken);
            Check(reply);
            IReadOnlyList<StreamColumn> columns = [.. reply.Stored.Select(column => new StreamColumn(column.Name, column.Type))];
            await foreach (var (lines, count) in LineChunks.ReadAsync(Path.Combine(folder, Output), BatchBytes, cancellationToken))
            {
                yield return new RowBatch(columns, lines, count, reply.CursorValue);
            }
        }
        finally
        {
            WorkFolders.Remove(folder);
        }
    }

    private async Task<(WorkerReply Reply, byte[] Rows)> AskAsync(
        Guid ownerId, string path, Func<string, WorkerRequest> request, CancellationToken cancellationToken)
    {
        var answer = await pool.AskAsync(
            ownerId,
            folder =>
            {
                WorkFolders.Place(path, folder, Input);
                return request(folder);
            },
            cancellationToken);
        Check(answer.Reply);
        return answer;
    }

    private static void Check(WorkerReply reply)
    {
        if (reply.Code is { } code)
        {
            throw new SourceException(code, reply.Message ?? "");
        }
    }

    private WorkerLimits LimitsOf(TimeSpan timeout) =>
        new(_options.MemoryMegabytes, _options.Threads, (int)timeout.TotalMilliseconds, 0, 0);
}
