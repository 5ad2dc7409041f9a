using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Domain;

namespace Platform.Dashboards.Charts;

/// <summary>A widget as it is drawn: what it is, where it stands, and its rows or why there are none.</summary>
/// <param name="Type">The kind of widget.</param>
/// <param name="Config">Its config.</param>
/// <param name="Place">Where it stands on the grid.</param>
/// <param name="Result">Its rows; null for a widget without a query, and for one whose query failed.</param>
/// <param name="Failure">A sentence that says why there are no rows; null where nothing failed.</param>
internal sealed record WidgetPicture(string Type, JsonElement Config, GridPlace Place, QueryResult? Result, string? Failure)
{
    /// <summary>The title that its config gives, or null.</summary>
    public string? Title => TextOf("title");

    /// <summary>A member of the config that is text, or null.</summary>
    public string? TextOf(string member) =>
        Config.ValueKind == JsonValueKind.Object && Config.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    /// <summary>A member of the config that is a column's name or a list of them; empty where it is not given.</summary>
    public IReadOnlyList<string> ColumnsOf(string member) =>
        !Config.TryGetProperty(member, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString()).OfType<string>()]
        : [];
}

/// <summary>A board as it is drawn.</summary>
/// <param name="Name">The board's name.</param>
/// <param name="Description">What stands below the name, or null.</param>
/// <param name="AsOf">The time of the oldest data that is shown.</param>
/// <param name="Widgets">Its widgets.</param>
internal sealed record BoardPicture(string Name, string? Description, DateTimeOffset AsOf, IReadOnlyList<WidgetPicture> Widgets);
