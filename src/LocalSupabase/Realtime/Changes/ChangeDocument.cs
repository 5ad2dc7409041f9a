using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>A change as the protocol's <c>data</c> object.</summary>
internal static class ChangeDocument
{
    private const int MaxRowBytes = 1024 * 1024;
    private const int LongValue = 64;

    /// <summary>Writes the object for those who may read these columns.</summary>
    /// <param name="change">The change.</param>
    /// <param name="readable">What the role may read.</param>
    /// <param name="selected">What the subscription asks for beside the key, or null for all.</param>
    public static ReadOnlyMemory<byte> Write(Change change, IReadOnlySet<string> readable, IReadOnlySet<string>? selected)
    {
        var relation = change.Relation;
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("schema", relation.Schema);
        json.WriteString("table", relation.Name);
        json.WriteString("type", change.Kind.ToString().ToUpperInvariant());
        json.WriteString("commit_timestamp", change.CommittedAt.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        var fault = relation.KeyOrdinals.Count == 0
            ? "Error 400: Bad Request, no primary key"
            : relation.KeyOrdinals.Any(ordinal => !readable.Contains(relation.Columns[ordinal].Name)) ? "Error 401: Unauthorized" : null;
        if (fault is null)
        {
            fault = WriteRows(json, change, readable, selected);
        }

        json.WritePropertyName("errors");
        if (fault is null)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStartArray();
            json.WriteStringValue(fault);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static string? WriteRows(Utf8JsonWriter json, Change change, IReadOnlySet<string> readable, IReadOnlySet<string>? selected)
    {
        var relation = change.Relation;
        bool IsShown(RelationColumn column) => readable.Contains(column.Name) && (selected is null || column.IsKey || selected.Contains(column.Name));
        json.WriteStartArray("columns");
        foreach (var column in relation.Columns.Where(IsShown))
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("type", column.Type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        var isLarge = Size(change.New) + Size(change.Old) > MaxRowBytes;
        if (change.New is { } row)
        {
            WriteRow(json, "record", relation, row, IsShown, isLarge);
        }

        if (change.Kind != ChangeKind.Insert && change.Old is { } old)
        {
            // Of a removed row whose table has policies, nobody can say any more who might see it: the key alone is told.
            var keyAlone = change.Kind == ChangeKind.Delete && relation.HasRowSecurity;
            WriteRow(json, "old_record", relation, old, column => IsShown(column) && (!keyAlone || column.IsKey), isLarge);
        }

        return isLarge ? "Error 413: Payload Too Large" : null;
    }

    private static void WriteRow(
        Utf8JsonWriter json, string name, Relation relation, IReadOnlyList<Cell> row, Func<RelationColumn, bool> isShown, bool isLarge)
    {
        json.WriteStartObject(name);
        for (var index = 0; index < row.Count; index++)
        {
            var (column, cell) = (relation.Columns[index], row[index]);
            if (cell.IsPresent && isShown(column) && (!isLarge || (cell.Text?.Length ?? 0) <= LongValue))
            {
                json.WritePropertyName(column.Name);
                PgValue.WriteJson(json, column.Type, cell.Text);
            }
        }

        json.WriteEndObject();
    }

    private static long Size(IReadOnlyList<Cell>? row) => row?.Sum(cell => (long)(cell.Text?.Length ?? 0)) ?? 0;
}
