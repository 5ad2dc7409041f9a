using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.Postgres;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types;

/// <summary>A PostgreSQL database. Everything runs in a read-only transaction, and its cost is bounded at the source.</summary>
internal sealed class PostgresConnector(IEgressGuard egress, TimeProvider clock) : IConnectorType
{
    private static readonly TimeSpan DiscoverTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromHours(2);

    public string Kind => "postgres";

    public string Title => "PostgreSQL";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public bool ReadsInclusively => true;

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["host", "database", "username"],
          "properties": {
            "host": {"type": "string", "title": "Host", "minLength": 1, "maxLength": 253, "pattern": "^[^/\\s,;]+$"},
            "port": {"type": "integer", "title": "Port", "minimum": 1, "maximum": 65535, "default": 5432},
            "database": {"type": "string", "title": "Database", "minLength": 1, "maxLength": 128},
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
          "name": "Sales database",
          "type": "postgres",
          "config": {"host": "db.example.com", "port": 5432, "database": "sales", "username": "reader", "ssl_mode": "verify-full"},
          "credentials": {"password": "…"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            return await RunAsync(settings, DiscoverTimeout, async (session, token) =>
            {
                await using var command = new NpgsqlCommand("show server_version", session.Connection) { AllResultTypesAreUnknown = true };
                return $"Connected to PostgreSQL {await command.ExecuteScalarAsync(token)}.";
            }, cancellationToken);
        });

    public Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken) =>
        RunAsync(settings, DiscoverTimeout, (session, token) => PostgresCatalog.ReadAsync(session, search, token), cancellationToken);

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse(query.Text, query.Parameters, SqlDialect.Postgres);
        var asOf = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        var reading = await RunAsync(
            settings,
            query.Limits.Timeout,
            (session, token) => PostgresQuery.RunAsync(session, statement, query.Limits, token),
            cancellationToken);
        var elapsed = (long)clock.GetElapsedTime(started).TotalMilliseconds;
        return reading.ToResult(elapsed, asOf, Results.QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tables = await DiscoverAsync(settings, null, cancellationToken);
        var table = tables.FirstOrDefault(table => table.Name == stream.Name)
            ?? throw new SourceException(SourceFailure.QueryFailed, $"The source has no readable table {stream.Name}.");
        await using var session = await PostgresSession.OpenAsync(settings, egress, cancellationToken);
        await using var batches = PostgresStream.ReadAsync(session, table, stream, ReadTimeout, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(batches, cancellationToken))
        {
            yield return batches.Current;
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<RowBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNextAsync();
        }
        catch (Exception exception) when (PostgresFailures.IsSourceTrouble(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw PostgresFailures.OnQuery(exception);
        }
    }

    /// <summary>
    /// Opens a session, begins its transaction and works in it, all within the time. Whoever waits no longer cancels the statement at the
    /// source: the token makes the driver send a cancel request.
    /// </summary>
    private async Task<T> RunAsync<T>(
        ConnectorSettings settings, TimeSpan limit, Func<PostgresSession, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await using var session = await PostgresSession.OpenAsync(settings, egress, either.Token);
            await session.BeginReadOnlyAsync(limit, either.Token);
            return await work(session, either.Token);
        }
        catch (Exception exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(SourceFailure.QueryTimeout, "The query ran out of its time.", exception);
        }
        catch (Exception exception) when (PostgresFailures.IsSourceTrouble(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw PostgresFailures.OnQuery(exception);
        }
    }
}
