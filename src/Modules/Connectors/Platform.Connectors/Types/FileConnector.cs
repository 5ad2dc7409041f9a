using System.Security.Cryptography;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.DuckDb.Files;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.Files;

namespace Platform.Connectors.Types;

/// <summary>An uploaded file: CSV, TSV, JSON, Parquet or a workbook, queried in DuckDB's SQL under the table name of the config.</summary>
internal sealed class FileConnector(DuckDbEngine engine, IUploadedFiles uploads, FileCache cache, TimeProvider clock)
    : IConnectorType, IParquetSource
{
    public const string TypeName = "file";

    public string Kind => TypeName;

    public string Title => "File (CSV, TSV, JSON, Parquet, Excel)";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema => FileConfig.Schema;

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

    public IReadOnlyDictionary<string, string[]> CheckConfig(JsonElement config) =>
        FileConfig.From(config).Reading is { Format: { } format } reading
            ? FileReadingRules.Check(reading, format)
            : new Dictionary<string, string[]>();

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            var table = await OpenAsync(settings, cancellationToken);
            var columns = (await engine.DescribeAsync(settings.OwnerId, [table], cancellationToken))[0].Columns.Count;
            var (summary, notes) = table.Import!;
            return string.Join(' ', notes.Prepend($"The file can be read: {columns} {(columns == 1 ? "column" : "columns")} ({summary})."));
        });

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var table = await OpenAsync(settings, cancellationToken);
        var tables = await engine.DescribeAsync(settings.OwnerId, [table], cancellationToken);
        return [.. tables.Where(found => Matches(found, search)).Select(found => found with { Notes = table.Import!.Notes })];
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
        var config = FileConfig.From(settings.Config);
        var file = await uploads.FindAsync(settings.OwnerId, config.UploadId, cancellationToken)
            ?? throw new SourceException(SourceFailure.InvalidConfig, "There is no such upload.");
        var reading = config.Reading.Format is null ? config.Reading with { Extension = Path.GetExtension(file.Name) } : config.Reading;

        // The owner is part of the key: equal content of two people is not shared, so that nobody learns what others have.
        var (path, import) = await cache.ImportAsync(
            $"{settings.OwnerId:N}-{file.Sha256}-{KeyOf(reading)}.parquet",
            (target, token) => engine.ImportAsync(
                settings.OwnerId, reading, target, (original, copying) => CopyAsync(file, original, copying), token),
            cancellationToken);
        return new FileTable(config.Table, [path]) { Import = import };
    }

    // A file that is read in another way is another table.
    private static string KeyOf(FileReading reading) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(reading)).AsSpan(0, 8));

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
