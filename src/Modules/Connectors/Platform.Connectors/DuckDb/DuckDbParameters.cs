using System.Text.Json;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb;

/// <summary>JSON values as DuckDB takes them; a string becomes what the statement compares it with.</summary>
internal static class DuckDbParameters
{
    public static object Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => DBNull.Value,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => TextOf(value.GetString()!),
        JsonValueKind.Number when value.TryGetInt32(out var integer) => integer,
        JsonValueKind.Number when value.TryGetInt64(out var large) => large,
        JsonValueKind.Number when value.TryGetDecimal(out var exact) => exact,
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.Array => ListOf(value),
        _ => value.GetRawText(),
    };

    // The driver would bind what stands before it, which is another value.
    private static string TextOf(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new SourceException(SourceFailure.QueryInvalid, "A text with a NUL character cannot be given to this source.")
        : text;

    // A list has one type: numbers if all are, else text.
    private static object ListOf(JsonElement array)
    {
        var items = array.EnumerateArray().ToList();
        if (items.All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _)) && items.Count > 0)
        {
            return items.ConvertAll(item => item.GetInt64());
        }

        return items.All(item => item.ValueKind == JsonValueKind.Number) && items.Count > 0
            ? items.ConvertAll(item => item.GetDouble())
            : items.ConvertAll(item => item.ValueKind == JsonValueKind.String ? TextOf(item.GetString()!) : item.GetRawText());
    }
}
