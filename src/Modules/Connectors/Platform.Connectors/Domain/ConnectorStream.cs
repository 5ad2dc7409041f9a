using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Connectors.Domain;

/// <summary>A Parquet file of a dataset in Storage.</summary>
internal sealed record DatasetFile(
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("bytes")] long Bytes);

/// <summary>A stream of a connector: how far it was read, and the dataset that holds what was read.</summary>
internal sealed class ConnectorStream
{
    public const int MaxNameLength = 255;
    public const string Full = "full";
    public const string Incremental = "incremental";
    private static readonly JsonElement NoColumns = JsonSerializer.SerializeToElement(Array.Empty<object>());

    private ConnectorStream(
        Guid id, Guid connectorId, Guid userId, string name, string mode, JsonElement schema, JsonElement files, DateTimeOffset createdAt)
    {
        (Id, ConnectorId, UserId, Name, Mode, Schema, Files) = (id, connectorId, userId, name, mode, schema, files);
        (CreatedAt, UpdatedAt) = (createdAt, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private init; }

    public string Mode { get; private set; }

    /// <summary>Of an incremental stream: <c>{column, value}</c>, the value as text, or null before the first read.</summary>
    public JsonElement? Cursor { get; private set; }

    /// <summary>The columns of the dataset.</summary>
    public JsonElement Schema { get; private set; }

    public long RowCount { get; private set; }

    public long ByteCount { get; private set; }

    public JsonElement Files { get; private set; }

    public DateTimeOffset? LastSync { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public string? CursorColumn => Member("column");

    public string? CursorValue => Member("value");

    public static ConnectorStream Create(Guid connectorId, Guid userId, string name, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), connectorId, userId, name, Full, NoColumns, NoColumns, now);

    public IReadOnlyList<DatasetFile> ReadFiles() => Files.Deserialize<List<DatasetFile>>()!;

    /// <summary>Reads all of it, or only what is new by a column that grows. Either way the next read begins anew.</summary>
    /// <returns>The files that are no longer part of the dataset.</returns>
    public IReadOnlyList<DatasetFile> SetMode(string mode, string? cursorColumn, DateTimeOffset now)
    {
        (Mode, UpdatedAt) = (mode, now);
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

    /// <summary>Takes in what a sync has read: in place of the old files, or behind them.</summary>
    /// <returns>The files that are no longer part of the dataset.</returns>
    public IReadOnlyList<DatasetFile> TakeIn(IReadOnlyList<DatasetFile> files, JsonElement? schema, string? cursorValue, DateTimeOffset now)
    {
        var before = ReadFiles();
        var isAppended = Mode == Incremental && CursorValue is not null;
        var after = isAppended ? [.. before, .. files] : files;
        Files = JsonSerializer.SerializeToElement(after);
        (RowCount, ByteCount) = (after.Sum(file => file.Rows), after.Sum(file => file.Bytes));
        Schema = schema ?? Schema;
        SetCursor(CursorColumn, cursorValue ?? CursorValue);
        (LastSync, UpdatedAt) = (now, now);
        return isAppended ? [] : before;
    }

    private IReadOnlyList<DatasetFile> Clear(DateTimeOffset now)
    {
        var before = ReadFiles();
        (Files, RowCount, ByteCount, UpdatedAt) = (NoColumns, 0, 0, now);
        return before;
    }

    private string? Member(string name) =>
        Cursor is { ValueKind: JsonValueKind.Object } cursor && cursor.TryGetProperty(name, out var value) ? value.GetString() : null;

    private void SetCursor(string? column, string? value) =>
        Cursor = column is null
            ? null
            : JsonSerializer.SerializeToElement(new Dictionary<string, string?> { ["column"] = column, ["value"] = value });
}
