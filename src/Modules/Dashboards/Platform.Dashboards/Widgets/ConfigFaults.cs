using System.Text.Json;

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

    private static bool IsColumns(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String or JsonValueKind.Null => true,
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String),
        _ => false,
    };
}
