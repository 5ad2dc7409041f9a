using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Types.GraphQl;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types;

/// <summary>
/// A GraphQL endpoint. A live query is a document with one query operation, whose variables are the parameters, or empty for the document
/// of the config. Rows are the list that it asks for.
/// </summary>
internal sealed class GraphQlConnector(GraphQlClient client, TimeProvider clock) : IConnectorType
{
    private const int MaxSyncPages = 10_000;
    private const int BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(20);

    public string Kind => "graphql";

    public string Title => "GraphQL";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        $$"""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {"type": "string", "title": "Address", "maxLength": 2000, "pattern": "^https?://[^{}/?#\\s@]+([/?][^\\s#{}]*)?$"},
            "query": {"type": ["string", "null"], "title": "Query", "minLength": 1, "maxLength": 50000},
            "rows_path": {"type": "string", "title": "Where the rows are", "maxLength": 200, "default": ""},
            "cursor_variable": {
              "type": "string", "title": "Variable of the next page", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,60}$", "default": "after"
            },
            "max_pages": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
            "table": {"type": "string", "title": "Name of the query's rows", "minLength": 1, "maxLength": 63, "default": "data"},
            {{HttpSchemas.Headers}},
            {{HttpSchemas.Auth}}
          }
        }
        """);

    public JsonElement CredentialsSchema { get; } = HttpSchemas.Credentials;

    public JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Issues",
          "type": "graphql",
          "config": {
            "url": "https://api.example.com/graphql",
            "query": "query($after: String) { issues(first: 99, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }",
            "auth": {"type": "bearer"}
          },
          "credentials": {"token": "…"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            var config = GraphQlConfig.From(settings.Config);
            await WithinAsync(ProbeTimeout, token => client.AskAsync(settings, config, "{ __typename }", [], token), cancellationToken);
            return "The endpoint answers.";
        });

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var config = GraphQlConfig.From(settings.Config);
        var tables = (await ListsAsync(settings, config, cancellationToken)).Select(list => list.Table).ToList();
        if (config.Query is { } query)
        {
            var rows = await WithinAsync(
                ProbeTimeout, token => FirstPageAsync(settings, config, GraphQlDocument.Parse(query), token), cancellationToken);
            var reading = JsonRows.ToReading(rows, new QueryLimits(0, 1, ProbeTimeout), truncated: false);
            tables.RemoveAll(table => table.Name == config.Source.Table);
            tables.Insert(0, new SourceTable(
                config.Source.Table, [.. reading.Columns.Select(column => new SourceColumn(column.Name, column.Type, Nullable: true))]));
        }

        return [.. tables.Where(table => IsWanted(table, search))];
    }

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var config = GraphQlConfig.From(settings.Config);
        var document = GraphQlDocument.Parse(string.IsNullOrWhiteSpace(query.Text) ? config.Query ?? "" : query.Text);
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var reading = await WithinAsync(
            query.Limits.Timeout, token => ReadAsync(settings, config, document, query, token), cancellationToken);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var config = GraphQlConfig.From(settings.Config);
        var text = stream.Name == config.Source.Table ? config.Query : null;
        if (text is null)
        {
            var lists = await ListsAsync(settings, config, cancellationToken);
            text = lists.FirstOrDefault(list => list.Table.Name == stream.Name)?.Document
                ?? throw new SourceException(SourceFailure.QueryFailed, $"The source has no list {stream.Name}.");
            // The path of the config is that of its own query.
            config = config with { RowsPath = "" };
        }

        using var lines = RowBuffer.ForLines(int.MaxValue, BatchBytes);
        await using var pages = client.PagesAsync(settings, config, GraphQlDocument.Parse(text), default, MaxSyncPages, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await SourceCall.MoveNextAsync(pages, FailureOf, cancellationToken))
        {
            JsonRows.WriteLines(lines, pages.Current);
            if (lines.IsFull)
            {
                var count = lines.Count;
                yield return new RowBatch(null, lines.TakeLines(), count, null);
            }
        }

        var rest = lines.Count;
        yield return new RowBatch(null, lines.TakeLines(), rest, null);
    }

    private async Task<Reading> ReadAsync(
        ConnectorSettings settings, GraphQlConfig config, GraphQlDocument document, ConnectorQuery query,
        CancellationToken cancellationToken)
    {
        var rows = new List<JsonElement>();
        await foreach (var page in client.PagesAsync(settings, config, document, query.Parameters, config.MaxPages, cancellationToken))
        {
            rows.AddRange(page);
            if (rows.Count > query.Limits.MaxRows)
            {
                return JsonRows.ToReading(rows[..query.Limits.MaxRows], query.Limits, truncated: true);
            }
        }

        return JsonRows.ToReading(rows, query.Limits, truncated: false);
    }

    private async Task<IReadOnlyList<GraphQlList>> ListsAsync(
        ConnectorSettings settings, GraphQlConfig config, CancellationToken cancellationToken)
    {
        var data = await WithinAsync(
            ProbeTimeout, token => client.AskAsync(settings, config, GraphQlSchema.Query, [], token), cancellationToken);
        return new GraphQlSchema(data).Lists(config.CursorVariable);
    }

    private async Task<IReadOnlyList<JsonElement>> FirstPageAsync(
        ConnectorSettings settings, GraphQlConfig config, GraphQlDocument document, CancellationToken cancellationToken)
    {
        await foreach (var page in client.PagesAsync(settings, config, document, default, 1, cancellationToken))
        {
            return page;
        }

        return [];
    }

    private Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        SourceCall.WithinAsync(clock, limit, work, FailureOf, cancellationToken);

    private static SourceException? FailureOf(Exception exception) =>
        HttpFailures.IsSourceTrouble(exception) ? HttpFailures.Of(exception) : null;

    private static bool IsWanted(SourceTable table, string? search) =>
        string.IsNullOrWhiteSpace(search)
        || table.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || table.Columns.Any(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase));
}
