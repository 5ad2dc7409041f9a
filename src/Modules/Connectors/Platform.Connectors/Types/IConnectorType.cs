using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.DuckDb;

namespace Platform.Connectors.Types;

/// <summary>
/// One kind of source. Adding a kind is adding a class: its schemas describe the form to clients, name its secret fields and check what is
/// stored. Every method throws a <see cref="SourceException"/> for what may go wrong at a source.
/// </summary>
internal interface IConnectorType
{
    /// <summary>What stands in <c>connectors.type</c>.</summary>
    string Kind { get; }

    string Title { get; }

    /// <summary>Which of <c>test</c>, <c>discover</c>, <c>query</c> and <c>read</c> it can do.</summary>
    IReadOnlyList<string> Capabilities { get; }

    /// <summary>The JSON Schema of <c>config</c>.</summary>
    JsonElement ConfigSchema { get; }

    /// <summary>What is wrong with a config that fits its schema: members that do not go together, with messages.</summary>
    IReadOnlyDictionary<string, string[]> CheckConfig(JsonElement config) => new Dictionary<string, string[]>();

    /// <summary>The JSON Schema of <c>credentials</c>: every property of it is secret.</summary>
    JsonElement CredentialsSchema { get; }

    /// <summary>A request body that makes such a connector.</summary>
    JsonElement Example { get; }

    Task<ConnectionTestResult> TestAsync(ConnectorSettings settings, CancellationToken cancellationToken);

    Task<IReadOnlyList<SourceTable>> DiscoverAsync(ConnectorSettings settings, string? search, CancellationToken cancellationToken);

    Task<QueryResult> QueryAsync(ConnectorSettings settings, ConnectorQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Whether <see cref="ReadAsync"/> can begin with the rows that have the cursor value itself, in the cursor's order. Only then may what
    /// was read be kept before the stream's end: rows of equal value may lie on both sides of the place.
    /// </summary>
    bool ReadsInclusively => false;

    /// <summary>Reads a whole stream, or what came after the cursor, in batches whose memory is bounded.</summary>
    IAsyncEnumerable<RowBatch> ReadAsync(ConnectorSettings settings, StreamRead stream, CancellationToken cancellationToken);
}

/// <summary>A type whose source is a Parquet file already: a sync takes it as it is, instead of reading its rows.</summary>
internal interface IParquetSource
{
    /// <summary>Brings the file to this node.</summary>
    Task<FileTable> OpenAsync(ConnectorSettings settings, CancellationToken cancellationToken);
}

/// <summary>What a type needs to reach a source.</summary>
/// <param name="OwnerId">Whose connector it is: processes and caches are not shared between owners.</param>
/// <param name="ConnectorId">The connector, or null if it is not saved yet.</param>
/// <param name="Config">Checked against the type's schema.</param>
/// <param name="Credentials">The opened credentials.</param>
internal sealed record ConnectorSettings(
    Guid OwnerId,
    Guid? ConnectorId,
    JsonElement Config,
    IReadOnlyDictionary<string, string> Credentials)
{
    /// <summary>Records print their members; this one must never print its secrets.</summary>
    public override string ToString() => $"ConnectorSettings {{ ConnectorId = {ConnectorId} }}";
}

/// <summary>A live query.</summary>
/// <param name="Text">In the type's language.</param>
/// <param name="Parameters">An object by name, an array by number, or undefined.</param>
/// <param name="Limits">What it may cost.</param>
internal sealed record ConnectorQuery(string Text, JsonElement Parameters, QueryLimits Limits);

internal sealed record QueryLimits(int MaxRows, int MaxBytes, TimeSpan Timeout);

/// <summary>The outcome of a connection test.</summary>
/// <param name="Ok">Whether the source answered.</param>
/// <param name="Code">One of the test codes of <see cref="SourceFailure"/>.</param>
/// <param name="Detail">A sentence for people.</param>
/// <param name="LatencyMs">How long the test took.</param>
internal sealed record ConnectionTestResult(bool Ok, string Code, string Detail, long LatencyMs);

/// <summary>A table, file or endpoint of a source.</summary>
/// <param name="Name">As it is written in queries, and the name of its stream.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record SourceTable(string Name, IReadOnlyList<SourceColumn> Columns)
{
    /// <summary>The columns of its primary key; empty where the source has none or does not say.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>What its owner should know: where it is not what lies at the source.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

internal sealed record SourceColumn(string Name, string Type, bool Nullable);

/// <summary>What a sync reads.</summary>
/// <param name="Name">A name that <see cref="IConnectorType.DiscoverAsync"/> gave.</param>
/// <param name="CursorColumn">For an incremental read: the column that grows.</param>
/// <param name="CursorValue">The last value that was read, as text; null reads all.</param>
/// <param name="Inclusive">Whether rows of that very value are read again, where <see cref="IConnectorType.ReadsInclusively"/>.</param>
internal sealed record StreamRead(string Name, string? CursorColumn, string? CursorValue, bool Inclusive = false);

/// <summary>Rows of a stream.</summary>
/// <param name="Columns">Names and types, or null where the reader finds them in the rows.</param>
/// <param name="Lines">JSON, a row a line; valid until the next batch is asked for.</param>
/// <param name="Count">The number of lines.</param>
/// <param name="CursorValue">The highest cursor value so far, for an incremental read.</param>
internal sealed record RowBatch(IReadOnlyList<StreamColumn>? Columns, ReadOnlyMemory<byte> Lines, int Count, string? CursorValue)
{
    /// <summary><see cref="FileTable.Lines"/>, or <see cref="FileTable.Rows"/> where the source writes that itself.</summary>
    public string Format { get; init; } = FileTable.Lines;
}

/// <summary>A column of a stream.</summary>
/// <param name="Name">Its name in the dataset.</param>
/// <param name="StorageType">Its type in DuckDB's words, such as <c>BIGINT</c> or <c>DECIMAL(10,2)</c>.</param>
internal sealed record StreamColumn(string Name, string StorageType);
