using System.Text.Json;

namespace Platform.Connectors.Domain;

/// <summary>A stream of a connector: how far it was read, and the dataset that holds what was read.</summary>
internal sealed class ConnectorStream
{
    public const int MaxNameLength = 255;
    public const int MaxKeyColumns = 16;
    public const string Full = "full";
    public const string Incremental = "incremental";
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(Array.Empty<object>());

    private ConnectorStream(
        Guid id, Guid connectorId, Guid userId, string name, string mode, JsonElement schema, JsonElement files, DateTimeOffset createdAt)
    {
        (Id, ConnectorId, UserId, Name, Mode, Schema, Files) = (id, connectorId, userId, name, mode, schema, files);
        (SourceSchema, CreatedAt, UpdatedAt) = (Nothing, createdAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private init; }

    public string Mode { get; private set; }

    /// <summary>Of an incremental stream: <c>{column, value}</c>, the value as text, or null before the first read.</summary>
    public JsonElement? Cursor { get; private set; }

    /// <summary>What the owner says that rows are told apart by; null leaves it to the source.</summary>
    public JsonElement? PrimaryKey { get; private set; }

    /// <summary>What the rows of the dataset are told apart by; null if nothing tells them apart.</summary>
    public JsonElement? DatasetKey { get; private set; }

    /// <summary>The columns of the dataset.</summary>
    public JsonElement Schema { get; private set; }

    /// <summary>The columns that the source had at the last read; the dataset keeps those that the source has dropped.</summary>
    public JsonElement SourceSchema { get; private set; }

    /// <summary>The rows of the dataset; while unsettled files are added, those that they replace are counted too.</summary>
    public long RowCount { get; private set; }

    public long ByteCount { get; private set; }

    public JsonElement Files { get; private set; }

    public DateTimeOffset? LastSync { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public string? CursorColumn => Member("column");

    public string? CursorValue => Member("value");

    public static ConnectorStream Create(Guid connectorId, Guid userId, string name, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), connectorId, userId, name, Full, Nothing, Nothing, now);

    public IReadOnlyList<DatasetFile> ReadFiles() => Files.Deserialize<List<DatasetFile>>()!;

    public IReadOnlyList<string>? ReadPrimaryKey() => PrimaryKey?.Deserialize<List<string>>();

    public IReadOnlyList<string>? ReadDatasetKey() => DatasetKey?.Deserialize<List<string>>();

    /// <summary>Reads all of it, or only what is new by a column that grows. Either way the next read begins anew.</summary>
    /// <returns>The files that are no longer part of the dataset.</returns>
    public IReadOnlyList<DatasetFile> SetMode(string mode, string? cursorColumn, IReadOnlyList<string>? primaryKey, DateTimeOffset now)
    {
        (Mode, UpdatedAt) = (mode, now);
        PrimaryKey = primaryKey is null ? null : JsonSerializer.SerializeToElement(primaryKey);
        SetCursor(mode == Incremental ? cursorColumn : null, null);
        return Clear(now);
    }

    /// <summary>Forgets what was read.</summary>
    /// <returns>The files that are no longer part of the dataset.</returns>
    public IReadOnlyList<DatasetFile> Reset(DateTimeOffset now)
    {
        SetCursor(CursorColumn, null);
        return Clear(now);
    }

    /// <summary>Takes in what a sync has read: behind the old files, or in their place.</summary>
    /// <param name="files">What was written.</param>
    /// <param name="isAnew">Whether it takes the place of what there was.</param>
    /// <param name="key">What its rows are told apart by.</param>
    /// <param name="schema">The columns; null leaves them.</param>
    /// <param name="cursorValue">How far it was read; null leaves it.</param>
    /// <param name="now">The time.</param>
    /// <returns>The files that are no longer part of the dataset.</returns>
    public IReadOnlyList<DatasetFile> TakeIn(
        IReadOnlyList<DatasetFile> files, bool isAnew, IReadOnlyList<string>? key, JsonElement? schema, string? cursorValue,
        DateTimeOffset now)
    {
        var before = ReadFiles();
        SetFiles(isAnew ? files : [.. before, .. files], now);
        DatasetKey = key is null ? null : JsonSerializer.SerializeToElement(key);
        Schema = schema ?? Schema;
        SetCursor(CursorColumn, cursorValue ?? CursorValue);
        return isAnew ? before : [];
    }

    /// <summary>The stream was read to its end.</summary>
    /// <param name="sourceSchema">The columns at the source; null if nothing came.</param>
    /// <param name="rows">How many rows the dataset has; null if that is the sum of its files.</param>
    /// <param name="now">The time.</param>
    public void Complete(JsonElement? sourceSchema, long? rows, DateTimeOffset now)
    {
        SourceSchema = sourceSchema ?? SourceSchema;
        RowCount = rows ?? RowCount;
        (LastSync, UpdatedAt) = (now, now);
    }

    /// <summary>The columns of the dataset are these.</summary>
    public void Describe(JsonElement schema) => Schema = schema;

    /// <summary>Puts merged files in the place of those that they were made of.</summary>
    /// <returns>The files that are no longer part of the dataset; null if it is not the one that was merged.</returns>
    public IReadOnlyList<DatasetFile>? Replace(IReadOnlyList<DatasetFile> merged, IReadOnlyList<DatasetFile> by, DateTimeOffset now)
    {
        if (!ReadFiles().SequenceEqual(merged))
        {
            return null;
        }

        SetFiles(by, now);
        return [.. merged.Except(by)];
    }

    private void SetFiles(IReadOnlyList<DatasetFile> files, DateTimeOffset now)
    {
        Files = JsonSerializer.SerializeToElement(files);
        (RowCount, ByteCount, UpdatedAt) = (files.Sum(file => file.Rows), files.Sum(file => file.Bytes), now);
    }

    private IReadOnlyList<DatasetFile> Clear(DateTimeOffset now)
    {
        var before = ReadFiles();
        SetFiles([], now);
        return before;
    }

    private string? Member(string name) =>
        Cursor is { ValueKind: JsonValueKind.Object } cursor && cursor.TryGetProperty(name, out var value) ? value.GetString() : null;

    private void SetCursor(string? column, string? value) =>
        Cursor = column is null
            ? null
            : JsonSerializer.SerializeToElement(new Dictionary<string, string?> { ["column"] = column, ["value"] = value });
}
