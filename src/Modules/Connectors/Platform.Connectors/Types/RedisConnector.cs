using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Types.Redis;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Types;

/// <summary>A Redis server. A query is one command that reads; keys of one shape are what a table is elsewhere.</summary>
internal sealed class RedisConnector(IEgressGuard egress, TimeProvider clock) : IConnectorType
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DiscoverTimeout = TimeSpan.FromSeconds(30);

    public string Kind => "redis";

    public string Title => "Redis";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["host"],
          "properties": {
            "host": {"type": "string", "title": "Host", "minLength": 1, "maxLength": 253, "pattern": "^[^/\\s,;]+$"},
            "port": {"type": "integer", "title": "Port", "minimum": 1, "maximum": 65535, "default": 6379},
            "database": {"type": "integer", "title": "Database", "minimum": 0, "maximum": 1000000, "default": 0},
            "username": {"type": ["string", "null"], "title": "User name", "maxLength": 128},
            "ssl_mode": {"type": "string", "title": "TLS", "default": "disable",
              "enum": ["disable", "require", "verify-ca", "verify-full"]},
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
          "name": "Sessions",
          "type": "redis",
          "config": {"host": "redis.example.com", "port": 6379, "username": "reader", "ssl_mode": "verify-full"},
          "credentials": {"password": "…"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, () => RunAsync(
            settings,
            ConnectTimeout,
            async (session, token) =>
            {
                var keys = await session.AskAsync(["DBSIZE"], token);
                return $"The server answers; the database has {keys.Text} keys.";
            },
            cancellationToken));

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var groups = await RunAsync(
            settings, DiscoverTimeout, (session, token) => RedisKeys.ReadAsync(session, search, token), cancellationToken);
        return [.. groups.Select(group => group.Table)];
    }

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var command = RedisCommand.Parse(query.Text, query.Parameters);
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var reading = await RunAsync(
            settings,
            query.Limits.Timeout,
            (session, token) => AskAsync(session, settings, command, query.Limits, token),
            cancellationToken);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var groups = await RunAsync(
            settings, DiscoverTimeout, (session, token) => RedisKeys.ReadAsync(session, null, token), cancellationToken);
        var group = groups.FirstOrDefault(group => group.Table.Name == stream.Name)
            ?? throw new SourceException(SourceFailure.QueryFailed, $"The source has no keys {stream.Name}.");
        await using var session = await SourceCall.WithinAsync(
            clock, ConnectTimeout, token => OpenAsync(settings, token), FailureOf, cancellationToken);
        await using var batches = RedisStream.ReadAsync(session, group, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await SourceCall.MoveNextAsync(batches, FailureOf, cancellationToken))
        {
            yield return batches.Current;
        }
    }

    // A key of a cluster may be at another server; it is asked once, if the guard allows its address.
    private async Task<Reading> AskAsync(
        RedisSession session, ConnectorSettings settings, RedisCommand command, QueryLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            return await RedisQuery.RunAsync(session, command, limits, cancellationToken);
        }
        catch (RedisMovedException moved)
        {
            await using var other = await RedisSession.OpenAsync(
                settings, RedisConfig.From(settings.Config), moved.Host, moved.Port, egress, cancellationToken);
            return await RedisQuery.RunAsync(other, command, limits, cancellationToken);
        }
    }

    private Task<T> RunAsync<T>(
        ConnectorSettings settings, TimeSpan limit, Func<RedisSession, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken) =>
        SourceCall.WithinAsync(
            clock,
            limit,
            async token =>
            {
                await using var session = await OpenAsync(settings, token);
                return await work(session, token);
            },
            FailureOf,
            cancellationToken);

    private static SourceException? FailureOf(Exception exception) => exception is RedisMovedException
        ? new SourceException(SourceFailure.QueryFailed, "The key is at another server of the cluster.", exception)
        : SocketFailures.Of(exception);

    private async Task<RedisSession> OpenAsync(ConnectorSettings settings, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ConnectTimeout);
        try
        {
            return await RedisSession.OpenAsync(settings, egress, timeout.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(SourceFailure.Timeout, "The server did not answer in time.", exception);
        }
    }
}
