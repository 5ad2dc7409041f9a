using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;
using Platform.Connectors.DuckDb.Files;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Types.Files;
using Platform.Connectors.Types.Http;
using Platform.Connectors.Types.S3;

namespace Platform.Connectors.Types;

/// <summary>
/// A bucket of an S3-compatible object store. A live query is DuckDB's SQL over the files that it names, or empty for the list of objects.
/// The files are fetched here and read in a worker, which has no network.
/// </summary>
internal sealed class S3Connector(
    S3Client client, DuckDbEngine engine, FileCache cache, IOptions<ConnectorsOptions> options, TimeProvider clock) : IConnectorType
{
    private const int MaxTablesOfQuery = 20;
    private const int MaxDescribed = 20;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DiscoverTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(30);
    private readonly long _maxBytes = options.Value.MaxUploadMegabytes * 1024L * 1024;

    public string Kind => "s3";

    public string Title => "S3 (object store)";

    public IReadOnlyList<string> Capabilities { get; } = ["test", "discover", "query", "read"];

    public JsonElement ConfigSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["endpoint", "bucket"],
          "properties": {
            "endpoint": {"type": "string", "title": "Endpoint", "maxLength": 300, "pattern": "^https?://[^{}/?#\\s@]+/?$"},
            "region": {"type": "string", "title": "Region", "pattern": "^[a-z0-9-]{1,60}$", "default": "us-east-1"},
            "bucket": {"type": "string", "title": "Bucket", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$"},
            "prefix": {"type": "string", "title": "Prefix", "maxLength": 500, "default": ""},
            "path_style": {"type": "boolean", "title": "Bucket in the path", "default": true}
          }
        }
        """);

    public JsonElement CredentialsSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "access_key_id": {"type": "string", "title": "Access key", "maxLength": 200, "pattern": "^[^\\s,]*$"},
            "secret_access_key": {"type": "string", "title": "Secret key", "maxLength": 500},
            "session_token": {"type": "string", "title": "Session token", "maxLength": 5000, "pattern": "^[^\\r\\n]*$"}
          }
        }
        """);

    public JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Exports",
          "type": "s3",
          "config": {
            "endpoint": "https://s3.eu-central-1.amazonaws.com", "region": "eu-central-1", "bucket": "exports", "prefix": "daily/"
          },
          "credentials": {"access_key_id": "…", "secret_access_key": "…"}
        }
        """);

    public Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken) =>
        ConnectionTest.RunAsync(clock, async () =>
        {
            var (objects, hasMore) = await WithinAsync(ProbeTimeout, token => client.ListAsync(settings, 1, token), cancellationToken);
            return $"The bucket can be listed: {objects.Count}{(hasMore ? " or more" : "")} objects.";
        });

    public async Task<IReadOnlyList<SourceTable>> DiscoverAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken) =>
        await WithinAsync(DiscoverTimeout, token => DescribeAsync(settings, search, token), cancellationToken);

    public async Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var (asOf, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        var reading = await WithinAsync(
            query.Limits.Timeout,
            token => string.IsNullOrWhiteSpace(query.Text) ? ListAsync(settings, query.Limits, token) : AskAsync(settings, query, token),
            cancellationToken);
        return reading.ToResult((long)clock.GetElapsedTime(started).TotalMilliseconds, asOf, QueryHash.Of(settings, query));
    }

    public async IAsyncEnumerable<RowBatch> ReadAsync(
        ConnectorSettings settings, StreamRead stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = await WithinAsync(
            FetchTimeout,
            async token =>
            {
                var tables = await TablesAsync(settings, token);
                return tables.TryGetValue(stream.Name, out var item)
                    ? (await FetchAsync(settings, item, token)).Path
                    : throw new SourceException(SourceFailure.QueryFailed, $"The bucket has no file {stream.Name}.");
            },
            cancellationToken);
        await foreach (var batch in engine.ReadLinesAsync(settings.OwnerId, path, cancellationToken))
        {
            yield return batch;
        }
    }

    private async Task<IReadOnlyList<SourceTable>> DescribeAsync(
        ConnectorSettings settings, string? search, CancellationToken cancellationToken)
    {
        var found = new List<SourceTable>();
        foreach (var (name, item) in await TablesAsync(settings, cancellationToken))
        {
            if (!string.IsNullOrWhiteSpace(search) && !name.Contains(search, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            // The columns of a file cost its download; of many files the first ones must do.
            found.Add(found.Count < MaxDescribed && item.Bytes <= _maxBytes
                ? await DescribeAsync(settings, name, item, cancellationToken)
                : new SourceTable(name, []));
        }

        return found;
    }

    private async Task<SourceTable> DescribeAsync(
        ConnectorSettings settings, string name, S3Object item, CancellationToken cancellationToken)
    {
        try
        {
            var (path, import) = await FetchAsync(settings, item, cancellationToken);
            var tables = await engine.DescribeAsync(settings.OwnerId, [new FileTable(name, [path])], cancellationToken);
            return tables[0] with { Notes = import.Notes };
        }
        catch (SourceException exception) when (exception.Code == SourceFailure.DataInvalid)
        {
            // One damaged file does not hide the others.
            return new SourceTable(name, []);
        }
    }

    private async Task<Reading> ListAsync(ConnectorSettings settings, QueryLimits limits, CancellationToken cancellationToken)
    {
        var (objects, hasMore) = await client.ListAsync(settings, limits.MaxRows + 1, cancellationToken);
        using var rows = RowBuffer.ForArray(limits.MaxRows, limits.MaxBytes);
        foreach (var item in objects)
        {
            var writer = rows.BeginRow();
            writer.WriteStartArray();
            writer.WriteStringValue(item.Key);
            writer.WriteNumberValue(item.Bytes);
            writer.WriteStringValue(item.LastModified);
            writer.WriteStringValue(item.ETag.Trim('"'));
            writer.WriteEndArray();
            if (!rows.TryAddRow())
            {
                break;
            }
        }

        if (hasMore)
        {
            rows.MarkTruncated();
        }

        return Reading.From(
            [
                new("key", ColumnType.Text), new("bytes", ColumnType.Integer), new("last_modified", ColumnType.TimestampWithZone),
                new("etag", ColumnType.Text),
            ],
            rows);
    }

    private async Task<Reading> AskAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse(query.Text, query.Parameters);
        var named = S3Tables.NamedIn(query.Text, await TablesAsync(settings, cancellationToken));
        if (named.Count > MaxTablesOfQuery || named.Sum(table => table.Value.Bytes) > _maxBytes)
        {
            throw new SourceException(
                SourceFailure.QueryTooLarge,
                $"A query reads at most {MaxTablesOfQuery} files and {_maxBytes >> 20} MB; sync them instead.");
        }

        var tables = new List<FileTable>();
        foreach (var (name, item) in named)
        {
            tables.Add(new FileTable(name, [(await FetchAsync(settings, item, cancellationToken)).Path]));
        }

        return await engine.QueryAsync(settings.OwnerId, tables, statement, query.Limits, cancellationToken);
    }

    private async Task<IReadOnlyDictionary<string, S3Object>> TablesAsync(ConnectorSettings settings, CancellationToken cancellationToken)
    {
        var (objects, _) = await client.ListAsync(settings, S3Client.MaxObjects, cancellationToken);
        return S3Tables.Of(objects, S3Config.From(settings.Config).Prefix);
    }

    /// <summary>
    /// The object as a Parquet file of this node, kept under owner, place and ETag: other content is another file. The files of a
    /// bucket have no settings of their own: everything is found in them.
    /// </summary>
    private Task<(string Path, ImportedFile Import)> FetchAsync(
        ConnectorSettings settings, S3Object item, CancellationToken cancellationToken)
    {
        if (item.Bytes > _maxBytes)
        {
            throw new SourceException(SourceFailure.QueryTooLarge, $"A file may have at most {_maxBytes >> 20} MB.");
        }

        var config = S3Config.From(settings.Config);
        var place = $"{config.Endpoint}\n{config.Bucket}\n{item.Key}\n{item.ETag}\n{item.Bytes}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)));
        return cache.ImportAsync(
            $"{settings.OwnerId:N}-{hash}.parquet",
            (target, token) => engine.ImportAsync(
                settings.OwnerId, new FileReading { Format = item.Format, GuessesEncoding = true }, target,
                (path, copying) => client.CopyToAsync(settings, item, path, copying), token),
            cancellationToken);
    }

    private Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        SourceCall.WithinAsync(
            clock, limit, work,
            exception => HttpFailures.IsSourceTrouble(exception) ? HttpFailures.Of(exception) : null,
            cancellationToken);
}
