using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types;

/// <summary>
/// JSON over HTTP. A live query is empty for all rows, a path or query string such as <c>/orders?since={{day}}</c> below the configured
/// address, or DuckDB's SQL over the table <c>data</c>.
/// </summary>
internal sealed class HttpConnector(HttpPages pages, DuckDbEngine engine, WorkFolders folders, TimeProvider clock) : IConnectorType
{
    private const int MaxSyncPages = 10_000;
    private const int MaxLinesBytes = 256 * 1024 * 1024;
    private const int BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(20);

    public string Kind => "http";

    public string Title => "HTTP (REST, JSON)";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = HttpSchemas.Config;

    public JsonElement CredentialsSchema { get; } = HttpSchemas.Credentials;

    public JsonElement Example { get; } = HttpSchemas.Example;

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            var rows = await FirstPageAsync(settings, cancellationToken);
            return $"The source answered with {rows.Count} rows on its first page.";
        });

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var rows = await FirstPageAsync(settings, cancellationToken);
        var reading = JsonRows.ToReading(rows, new QueryLimits(0, 1, ProbeTimeout), truncated: false);
        var name = HttpSource.From(settings.Config).Table;
        var columns = reading.Columns.Select(column => new SourceColumn(column.Name, column.Type, Nullable: true)).ToList();
        var isWanted = string.IsNullOrWhiteSpace(search)
            || columns.Exists(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
            || name.Contains(search, StringComparison.OrdinalIgnoreCase);
        return isWanted ? [new SourceTable(name, columns)] : [];
    }

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var asOf = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        var reading = await WithinAsync(query.Limits.Timeout, token => ReadQueryAsync(settings, query, token), cancellationToken);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = HttpSource.From(settings.Config);
        using var lines = RowBuffer.ForLines(int.MaxValue, BatchBytes);
        var url = new Uri(HttpTemplate.FillUrl(source.Url, default));
        await using var read = pages.ReadAsync(settings, source, url, source.Body, MaxSyncPages, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(read, cancellationToken))
        {
            JsonRows.WriteLines(lines, read.Current);
            if (lines.IsFull)
            {
                var count = lines.Count;
                yield return new RowBatch(null, lines.TakeLines(), count, null);
            }
        }

        var rest = lines.Count;
        yield return new RowBatch(null, lines.TakeLines(), rest, null);
    }

    private async Task<Reading> ReadQueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var source = HttpSource.From(settings.Config);
        var text = query.Text.Trim();
        if (text.Length > 0 && text[0] is not ('/' or '?'))
        {
            return await ReadSqlAsync(settings, source, query, cancellationToken);
        }

        var rows = new List<JsonElement>();
        var address = HttpTemplate.FillUrl(Below(source.Url, text), query.Parameters);
        var body = source.Body is null ? null : HttpTemplate.FillJson(source.Body, query.Parameters);
        await foreach (var page in pages.ReadAsync(settings, source, new Uri(address), body, source.Paging.MaxPages, cancellationToken))
        {
            rows.AddRange(page);
            if (rows.Count > query.Limits.MaxRows)
            {
                return JsonRows.ToReading(rows[..query.Limits.MaxRows], query.Limits, truncated: true);
            }
        }

        return JsonRows.ToReading(rows, query.Limits, truncated: false);
    }

    // The source knows no SQL, so its rows are brought here, all of them, and asked in a worker.
    private async Task<Reading> ReadSqlAsync(
        ConnectorSettings settings, HttpSource source, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse(query.Text, query.Parameters);
        var folder = folders.Create(writable: false);
        try
        {
            var path = Path.Combine(folder, "rows.lines");
            await WriteLinesAsync(settings, source, query.Parameters, path, cancellationToken);
            return await engine.QueryAsync(
                settings.OwnerId, [new FileTable(source.Table, [path], FileTable.Lines)], statement, query.Limits, cancellationToken);
        }
        finally
        {
            WorkFolders.Remove(folder);
        }
    }

    private async Task WriteLinesAsync(
        ConnectorSettings settings, HttpSource source, JsonElement parameters, string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        using var lines = RowBuffer.ForLines(int.MaxValue, BatchBytes);
        var url = new Uri(HttpTemplate.FillUrl(source.Url, parameters));
        var body = source.Body is null ? null : HttpTemplate.FillJson(source.Body, parameters);
        await foreach (var page in pages.ReadAsync(settings, source, url, body, source.Paging.MaxPages, cancellationToken))
        {
            JsonRows.WriteLines(lines, page);
            await file.WriteAsync(lines.TakeLines(), cancellationToken);
            if (file.Length > MaxLinesBytes)
            {
                throw new SourceException(
                    SourceFailure.QueryTooLarge, "The source has more rows than a live query may bring here; sync it instead.");
            }
        }
    }

    private Task<IReadOnlyList<JsonElement>> FirstPageAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        WithinAsync(ProbeTimeout, async token =>
        {
            var source = HttpSource.From(settings.Config);
            var url = new Uri(HttpTemplate.FillUrl(source.Url, default));
            await foreach (var page in pages.ReadAsync(settings, source, url, source.Body, 1, token))
            {
                return page;
            }

            return [];
        }, cancellationToken);

    // A query string replaces the configured one; a path goes below the configured one.
    private static string Below(string url, string text)
    {
        if (text.Length == 0)
        {
            return url;
        }

        var question = url.IndexOf('?', StringComparison.Ordinal);
        var address = question < 0 ? url : url[..question];
        return address.TrimEnd('/') + text;
    }

    private async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(SourceFailure.QueryTimeout, "The query ran out of its time.", exception);
        }
        catch (Exception exception) when (HttpFailures.IsSourceTrouble(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw HttpFailures.Of(exception);
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<IReadOnlyList<JsonElement>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read.MoveNextAsync();
        }
        catch (Exception exception) when (HttpFailures.IsSourceTrouble(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw HttpFailures.Of(exception);
        }
    }
}
