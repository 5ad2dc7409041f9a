using System.Globalization;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Http;

/// <summary>Rows in a JSON answer.</summary>
internal static class JsonRows
{
    private const int MaxColumns = 1000;

    /// <summary>The element at a dotted path such as <c>data.items</c> or <c>$.result[0].rows</c>; undefined if there is none.</summary>
    public static JsonElement At(JsonElement root, string path)
    {
        var current = root;
        var parts = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal)
            .Split('.', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts.Where(part => part != "$"))
        {
            if (!TryStep(current, part, out current))
            {
                return default;
            }
        }

        return current;
    }

    /// <summary>The rows of an answer: the array at the path, or the one object there.</summary>
    public static IReadOnlyList<JsonElement> In(JsonElement root, string path)
    {
        var found = At(root, path);
        return found.ValueKind switch
        {
            JsonValueKind.Array => [.. found.EnumerateArray()],
            JsonValueKind.Object => [found],
            JsonValueKind.Null => [],
            _ => throw new SourceException(SourceFailure.DataInvalid, "The answer has no rows at rows_path."),
        };
    }

    /// <summary>Members become columns in the order in which they are first seen; a row that is no object is one value.</summary>
    public static Reading ToReading(IReadOnlyList<JsonElement> rows, QueryLimits limits, bool truncated)
    {
        var types = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in rows.SelectMany(Members))
        {
            if (types.TryGetValue(name, out var before) || types.Count < MaxColumns)
            {
                types[name] = Combine(before, TypeOf(value));
            }
        }

        using var buffer = RowBuffer.ForArray(limits.MaxRows, limits.MaxBytes);
        foreach (var row in rows)
        {
            WriteRow(buffer.BeginRow(), row, types.Keys);
            if (!buffer.TryAddRow())
            {
                break;
            }
        }

        if (truncated)
        {
            buffer.MarkTruncated();
        }

        return Reading.From([.. types.Select(type => new ResultColumn(type.Key, type.Value ?? ColumnType.Text))], buffer);
    }

    /// <summary>A line for each row, for the engine to read.</summary>
    public static void WriteLines(RowBuffer lines, IEnumerable<JsonElement> rows)
    {
        foreach (var row in rows)
        {
            var writer = lines.BeginRow();
            writer.WriteStartObject();
            foreach (var (name, value) in Members(row))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
            lines.TryAddRow();
        }
    }

    private static bool TryStep(JsonElement parent, string part, out JsonElement child)
    {
        if (parent.ValueKind == JsonValueKind.Object)
        {
            return parent.TryGetProperty(part, out child);
        }

        var isItem = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && parent.ValueKind == JsonValueKind.Array && index < parent.GetArrayLength();
        child = isItem ? parent[index] : default;
        return isItem;
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement row) =>
        row.ValueKind == JsonValueKind.Object
            ? row.EnumerateObject().Select(member => (member.Name, member.Value))
            : [("value", row)];

    private static void WriteRow(Utf8JsonWriter writer, JsonElement row, IEnumerable<string> names)
    {
        writer.WriteStartArray();
        foreach (var name in names)
        {
            if (row.ValueKind != JsonValueKind.Object)
            {
                row.WriteTo(writer);
            }
            else if (row.TryGetProperty(name, out var value))
            {
                value.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndArray();
    }

    private static string? TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => ColumnType.Boolean,
        JsonValueKind.Number => value.TryGetInt64(out _) ? ColumnType.Integer : ColumnType.Double,
        JsonValueKind.String => ColumnType.Text,
        JsonValueKind.Null => null,
        _ => ColumnType.Json,
    };

    private static string? Combine(string? before, string? type) => (before, type) switch
    {
        (null, _) => type,
        (_, null) => before,
        _ when before == type => before,
        (ColumnType.Integer, ColumnType.Double) or (ColumnType.Double, ColumnType.Integer) => ColumnType.Double,
        _ => ColumnType.Json,
    };
}
