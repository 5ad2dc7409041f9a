using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.Files;

namespace Platform.Connectors.Types;

/// <summary>An uploaded file: CSV, JSON, Parquet or a workbook, queried in DuckDB's SQL under the table name of the config.</summary>
internal sealed class FileConnector(DuckDbEngine engine, IUploadedFiles uploads, FileCache cache, TimeProvider clock)
    : IConnectorType, IParquetSource
{
    public const string TypeName = "file";

    public string Kind => TypeName;

    public string Title => "File (CSV, JSON, Parquet, Excel)";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["upload_id", "format"],
          "properties": {
            "upload_id": {"type": "string", "title": "Upload", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
            "format": {"type": "string", "title": "Format", "enum": ["csv", "json", "parquet", "xlsx"]},
            "table": {"type": "string", "title": "Table name", "minLength": 1, "maxLength": 63, "default": "data"}
          }
        }
        """);

    public JsonElement CredentialsSchema { get; } = JsonElement.Parse(
        """{"type": "object", "additionalProperties": false, "properties": {}}""");

    public JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Weather",
          "type": "file",
          "config": {"upload_id": "01900000-0000-7000-8000-000000000000", "format": "csv", "table": "weather"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            var tables = await DiscoverAsync(settings, null, cancellationToken);
            return $"The file can be read: {tables[0].Columns.Count} columns.";
        });

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var table = await OpenAsync(settings, cancellationToken);
        var tables = await engine.DescribeAsync(settings.OwnerId, [table], cancellationToken);
        return [.. tables.Where(found => Matches(found, search))];
    }

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse(query.Text, query.Parameters);
        var asOf = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        var table = await OpenAsync(settings, cancellationToken);
        var reading = await engine.QueryAsync(settings.OwnerId, [table], statement, query.Limits, cancellationToken);
        return reading.ToResult(
            (long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, Results.QueryHash.Of(settings, query));
    }

    // A sync asks for the file instead.
    public IAsyncEnumerable<RowBatch> ReadAsync(ConnectorSettings settings, StreamRead stream, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A file is taken whole.");

    /// <summary>The file as a table.</summary>
    public async Task<FileTable> OpenAsync(ConnectorSettings settings, CancellationToken cancellationToken)
    {
        var uploadId = Guid.Parse(settings.Config.GetProperty("upload_id").GetString()!);
        var format = settings.Config.GetProperty("format").GetString()!;
        var name = settings.Config.TryGetProperty("table", out var table) ? table.GetString()! : "data";
        var file = await uploads.FindAsync(settings.OwnerId, uploadId, cancellationToken)
            ?? throw new SourceException(SourceFailure.InvalidConfig, "There is no such upload.");

        // The owner is part of the key: equal content of two people is not shared, so that nobody learns what others have.
        var path = await cache.GetAsync(
            $"{settings.OwnerId:N}-{file.Sha256}-{format}.parquet",
            (target, token) => engine.ImportAsync(
                settings.OwnerId, format, target, (original, copying) => CopyAsync(file, original, copying), token),
            cancellationToken);
        return new FileTable(name, [path]);
    }

    private static bool Matches(SourceTable table, string? search) =>
        string.IsNullOrWhiteSpace(search)
        || table.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || table.Columns.Any(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase));

    private async Task CopyAsync(UploadedFile file, string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        await uploads.CopyToAsync(file, stream, cancellationToken);
    }
}
