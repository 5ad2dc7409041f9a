using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.MySql;

namespace Platform.Connectors.Types;

/// <summary>A MySQL or MariaDB database. Everything runs in a read-only transaction, and its cost is bounded at the source.</summary>
internal sealed class MySqlServerConnector(MySqlPools pools, TimeProvider clock) : IConnectorType
{
    private static readonly TimeSpan DiscoverTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromHours(2);

    public string Kind => "mysql";

    public string Title => "MySQL, MariaDB";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["host", "database", "username"],
          "properties": {
            "host": {"type": "string", "title": "Host", "minLength": 1, "maxLength": 253, "pattern": "^[^/\\s,;]+$"},
            "port": {"type": "integer", "title": "Port", "minimum": 1, "maximum": 65535, "default": 3306},
            "database": {"type": "string", "title": "Database", "minLength": 1, "maxLength": 64},
            "username": {"type": "string", "title": "User name", "minLength": 1, "maxLength": 128},
            "ssl_mode": {"type": "string", "title": "TLS", "default": "prefer",
              "enum": ["disable", "prefer", "require", "verify-ca", "verify-full"]},
            "root_certificate": {"type": ["string", "null"], "title": "Root certificate (PEM)", "maxLength": 20000}
          }
        }
        """);

    public JsonElement CredentialsSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {"password": {"type": "string", "title": "Password", "maxLength": 1000}}
        }
        """);

    public JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Shop database",
          "type": "mysql",
          "config": {"host": "db.example.com", "port": 3306, "database": "shop", "username": "reader", "ssl_mode": "verify-full"},
          "credentials": {"password": "…"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, () => RunAsync(
            settings, DiscoverTimeout, maxRows: 1,
            (session, _) => Task.FromResult($"Connected to {session.ServerName}."),
            cancellationToken));

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var tables = await RunAsync(
            settings, DiscoverTimeout, maxRows: null,
            (session, token) => MySqlCatalog.ReadAsync(session, search, token),
            cancellationToken);
        return [.. tables.Select(table => table.Table)];
    }

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse(query.Text, query.Parameters, SqlDialect.MySql);
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var reading = await RunAsync(
            settings,
            query.Limits.Timeout,
            // One row more, to tell whether there are more; the source makes no other.
            query.Limits.MaxRows + 1,
            (session, token) => MySqlQuery.RunAsync(session, statement, query.Limits, token),
            cancellationToken);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tables = await RunAsync(
            settings, DiscoverTimeout, maxRows: null, (session, token) => MySqlCatalog.ReadAsync(session, null, token), cancellationToken);
        var table = tables.FirstOrDefault(table => table.Table.Name == stream.Name)
            ?? throw new SourceException(SourceFailure.QueryFailed, $"The source has no readable table {stream.Name}.");
        await using var session = await SourceCall.WithinAsync(
            clock, DiscoverTimeout, token => pools.OpenAsync(settings, token), MySqlFailures.Of, cancellationToken);
        await using var batches = MySqlStream.ReadAsync(session, table, stream, ReadTimeout, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await SourceCall.MoveNextAsync(batches, MySqlFailures.Of, cancellationToken))
        {
            yield return batches.Current;
        }
    }

    /// <summary>
    /// Opens a session, begins its transaction and works in it, all within the time. Whoever waits no longer ends the statement at the
    /// source: the token makes the driver send <c>KILL QUERY</c> over a connection of its own.
    /// </summary>
    private Task<T> RunAsync<T>(
        ConnectorSettings settings, TimeSpan limit, int? maxRows, Func<MySqlSession, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken) =>
        SourceCall.WithinAsync(
            clock,
            limit,
            async token =>
            {
                await using var session = await pools.OpenAsync(settings, token);
                await session.BeginReadOnlyAsync(limit, maxRows, token);
                return await work(session, token);
            },
            MySqlFailures.Of,
            cancellationToken);
}
