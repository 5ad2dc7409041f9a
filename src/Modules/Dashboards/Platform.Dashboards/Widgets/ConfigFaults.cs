using System.Text.Json;
using Platform.Dashboards.Charts;

namespace Platform.Dashboards.Widgets;

/// <summary>Checks that widget types share.</summary>
internal static class ConfigFaults
{
    /// <summary>A member that is text where it is given.</summary>
    public static IEnumerable<(string Path, string Message)> Text(JsonElement config, params string[] members) =>
        from member in members
        where config.TryGetProperty(member, out var value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)
        select (member, "Must be text.");

    /// <summary>A member that is a column's name, or a list of them, where it is given.</summary>
    public static IEnumerable<(string Path, string Message)> Columns(JsonElement config, params string[] members) =>
        from member in members
        where config.TryGetProperty(member, out var value) && !IsColumns(value)
        select (member, "Must be a column's name, or a list of them.");

    /// <summary>How numbers and dates are written, where it is given: <c>decimals</c>, <c>number_format</c>, <c>date_format</c>.</summary>
    public static IEnumerable<(string Path, string Message)> Format(JsonElement config)
    {
        if (config.TryGetProperty("decimals", out var decimals) && decimals.ValueKind != JsonValueKind.Null
            && !(decimals.ValueKind == JsonValueKind.Number && decimals.TryGetInt32(out var count) && count is >= 0 and <= 10))
        {
            yield return ("decimals", "Must be a whole number from 0 to 10.");
        }

        if (!IsOneOf(config, "number_format", ValueFormat.Plain, ValueFormat.Compact, ValueFormat.Percent))
        {
            yield return ("number_format", "Must be plain, compact or percent.");
        }

        if (!IsOneOf(config, "date_format", ValueFormat.Long, ValueFormat.Iso))
        {
            yield return ("date_format", "Must be long or iso.");
        }
    }

    private static bool IsOneOf(JsonElement config, string member, params ReadOnlySpan<string> known) =>
        !config.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null
        || (value.ValueKind == JsonValueKind.String && known.Contains(value.GetString()));

    private static bool IsColumns(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String or JsonValueKind.Null => true,
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String),
        _ => false,
    };
}
