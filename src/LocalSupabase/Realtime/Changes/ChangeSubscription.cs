using System.Text.Json;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>
/// One entry of a join's <c>postgres_changes</c>. Its number is how frames name it; the event is INSERT, UPDATE, DELETE or *; no table means
/// all of the schema.
/// </summary>
internal sealed record ChangeSubscription(int Id, string Event, string Schema, string? Table, ChangeFilter Filter, IReadOnlySet<string>? Columns)
{
    /// <summary>Reads an entry; the second value says what is wrong with it.</summary>
    public static (ChangeSubscription? Subscription, string? Fault) Parse(int id, JsonElement entry)
    {
        var name = (JoinConfig.Text(entry, "event") ?? "*").ToUpperInvariant();
        var table = JoinConfig.Text(entry, "table");
        if (name is not ("INSERT" or "UPDATE" or "DELETE" or "*"))
        {
            return (null, $"unknown event {name}");
        }

        var (filter, fault) = ChangeFilter.Parse(JoinConfig.Text(entry, "filter"));
        return filter is null
            ? (null, fault)
            : (new ChangeSubscription(
                id, name, JoinConfig.Text(entry, "schema") ?? "public", table is null or "*" or "" ? null : table, filter, SelectedColumns(entry)), null);
    }

    public bool Wants(ChangeKind kind, Relation relation) =>
        (Event == "*" || Event.Equals(kind.ToString(), StringComparison.OrdinalIgnoreCase))
        && (Schema == "*" || Schema == relation.Schema)
        && (Table is null || Table == relation.Name);

    private static HashSet<string>? SelectedColumns(JsonElement entry) => JoinConfig.Member(entry, "select") switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } and not "*" =>
            [.. text.GetString()!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
        _ => null,
    };
}
