using System.Text.Json;
using ModelContextProtocol.Protocol;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Types.Http;
using Platform.Connectors.Types.Mcp;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types;

/// <summary>
/// A server of the Model Context Protocol over streamable HTTP. A query calls one of its tools or reads one of its resources. Only tools
/// that the server says to read are called, unless the config allows the others.
/// </summary>
internal sealed class McpConnector(EgressClient egress, HttpAuthenticator authenticator, TimeProvider clock) : IConnectorType
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(20);

    public string Kind => "mcp";

    public string Title => "MCP server";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        $$"""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {"type": "string", "title": "Address", "maxLength": 2000, "pattern": "^https?://[^{}/?#\\s@]+([/?][^\\s#{}]*)?$"},
            "allow_writes": {"type": "boolean", "title": "Also call tools that may change something", "default": false},
            "rows_path": {"type": "string", "title": "Where the rows are", "maxLength": 200, "default": ""},
            {{HttpSchemas.Headers}},
            {{HttpSchemas.Auth}}
          }
        }
        """);

    public JsonElement CredentialsSchema { get; } = HttpSchemas.Credentials;

    public JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Tickets",
          "type": "mcp",
          "config": {"url": "https://mcp.example.com/mcp", "auth": {"type": "bearer"}},
          "credentials": {"token": "…"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, () => RunAsync(
            settings,
            ProbeTimeout,
            async (session, token) => $"The server answers, with {(await session.ListToolsAsync(token)).Count} tools.",
            cancellationToken));

    public Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<SourceTable>>(
            settings,
            ProbeTimeout,
            async (session, token) =>
            {
                var tools = (await session.ListToolsAsync(token)).Where(tool => MayCall(settings, tool))
                    .Select(tool => new SourceTable(tool.Name, McpRows.ColumnsOf(tool)));
                var resources = (await session.ListResourcesAsync(token))
                    .Select(resource => new SourceTable(resource.Uri, [new SourceColumn("text", ColumnType.Text, Nullable: false)]));
                return [.. tools.Concat(resources).Where(table => IsWanted(table, search))];
            },
            cancellationToken);

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var call = McpCall.Parse(query.Text, query.Parameters);
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var rows = await RunAsync(
            settings, query.Limits.Timeout, (session, token) => AskAsync(session, settings, call, token), cancellationToken);
        var isCut = rows.Count > query.Limits.MaxRows;
        var reading = JsonRows.ToReading(isCut ? [.. rows.Take(query.Limits.MaxRows)] : rows, query.Limits, isCut);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    // It cannot be synced: what a tool gives depends on what it is given.
    public IAsyncEnumerable<RowBatch> ReadAsync(ConnectorSettings settings, StreamRead stream, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An MCP server has no streams.");

    private static async Task<IReadOnlyList<JsonElement>> AskAsync(
        McpSession session, ConnectorSettings settings, McpCall call, CancellationToken cancellationToken)
    {
        var rowsPath = HttpSource.From(settings.Config).RowsPath;
        if (call.IsResource)
        {
            return McpRows.Of(await session.ReadAsync(call.Name, cancellationToken), rowsPath);
        }

        var tool = (await session.ListToolsAsync(cancellationToken)).FirstOrDefault(tool => tool.Name == call.Name)
            ?? throw new SourceException(SourceFailure.QueryFailed, $"The server has no tool {call.Name}.");
        return MayCall(settings, tool)
            ? McpRows.Of(await session.CallAsync(call, cancellationToken), rowsPath)
            : throw new SourceException(
                SourceFailure.QueryInvalid, "The server does not say that this tool only reads, and allow_writes is not set.");
    }

    // A hint is the server's own word; who does not trust the server does not connect it.
    private static bool MayCall(ConnectorSettings settings, Tool tool) =>
        tool.Annotations?.ReadOnlyHint == true
        || (settings.Config.TryGetProperty("allow_writes", out var allowed) && allowed.ValueKind == JsonValueKind.True);

    private static bool IsWanted(SourceTable table, string? search) =>
        string.IsNullOrWhiteSpace(search)
        || table.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || table.Columns.Any(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase));

    private Task<T> RunAsync<T>(
        ConnectorSettings settings, TimeSpan limit, Func<McpSession, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken) =>
        SourceCall.WithinAsync(
            clock,
            limit,
            async token =>
            {
                await using var session = await McpSession.OpenAsync(settings, egress, authenticator, token);
                return await work(session, token);
            },
            McpFailures.Of,
            cancellationToken);
}
