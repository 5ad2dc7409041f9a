using System.Runtime.CompilerServices;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Sqlite;
using Platform.Connectors.Types.Files;

namespace Platform.Connectors.Types;

/// <summary>An uploaded SQLite file, queried in SQLite's own SQL by a worker.</summary>
internal sealed class SqliteConnector(SqliteEngine engine, IUploadedFiles uploads, FileCache cache, TimeProvider clock) : IConnectorType
{
    public string Kind => "sqlite";

    public string Title => "SQLite (file)";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["upload_id"],
          "properties": {
            "upload_id": {"type": "string", "title": "Upload", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"}
          }
        }
        """);

    public JsonElement CredentialsSchema { get; } = JsonElement.Parse(
        """{"type": "object", "additionalProperties": false, "properties": {}}""");

    public JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Field notes",
          "type": "sqlite",
          "config": {"upload_id": "01900000-0000-7000-8000-000000000000"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            var tables = await DiscoverAsync(settings, null, cancellationToken);
            return $"The file can be read: {tables.Count} tables.";
        });

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken) =>
        await engine.DescribeAsync(settings.OwnerId, await FetchAsync(settings, cancellationToken), search, cancellationToken);

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse(query.Text, query.Parameters, SqlDialect.Sqlite);
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var path = await FetchAsync(settings, cancellationToken);
        var reading = await engine.QueryAsync(settings.OwnerId, path, statement, query.Limits, cancellationToken);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = await FetchAsync(settings, cancellationToken);
        await foreach (var batch in engine.ReadAsync(settings.OwnerId, path, stream, cancellationToken))
        {
            yield return batch;
        }
    }

    private async Task<string> FetchAsync(ConnectorSettings settings, CancellationToken cancellationToken)
    {
        var uploadId = Guid.Parse(settings.Config.GetProperty("upload_id").GetString()!);
        var file = await uploads.FindAsync(settings.OwnerId, uploadId, cancellationToken)
            ?? throw new SourceException(SourceFailure.InvalidConfig, "There is no such upload.");

        // The owner is part of the key: equal content of two people is not shared, so that nobody learns what others have.
        return await cache.GetAsync(
            $"{settings.OwnerId:N}-{file.Sha256}.sqlite",
            async (target, token) =>
            {
                await using var stream = new FileStream(target, FileMode.Create, FileAccess.Write);
                await uploads.CopyToAsync(file, stream, token);
            },
            cancellationToken);
    }
}
