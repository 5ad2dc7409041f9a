using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Connectors.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Connectors.Features.Syncs;

/// <summary>What has changed in the columns of a table.</summary>
/// <param name="Table">The table or stream.</param>
/// <param name="Added">Columns that are new.</param>
/// <param name="Dropped">Columns that are gone.</param>
/// <param name="Retyped">Columns of another type than before.</param>
internal sealed record SchemaChange(
    [property: JsonPropertyName("table")] string Table,
    [property: JsonPropertyName("added")] IReadOnlyList<string> Added,
    [property: JsonPropertyName("dropped")] IReadOnlyList<string> Dropped,
    [property: JsonPropertyName("retyped")] IReadOnlyList<string> Retyped)
{
    /// <summary>A sentence for people.</summary>
    public string ToText()
    {
        string?[] said = [Say("new", Added), Say("gone", Dropped), Say("of another type", Retyped)];
        return $"{Table}: {string.Join("; ", said.OfType<string>())}.";
    }

    private static string? Say(string what, IReadOnlyList<string> columns) =>
        columns.Count == 0 ? null : $"{string.Join(", ", columns)} {(columns.Count == 1 ? "is" : "are")} {what}";
}

/// <summary>Columns as they are stored.</summary>
internal static class DatasetSchema
{
    public static IReadOnlyList<ResultColumn> Read(JsonElement stored) =>
        stored.Deserialize<List<ResultColumn>>(PlatformJson.Options)!;

    public static JsonElement Write(IReadOnlyList<ResultColumn> columns) =>
        JsonSerializer.SerializeToElement(columns, PlatformJson.Options);

    /// <summary>What the columns of a table have become.</summary>
    /// <returns>Null if they are the same, or were not known before.</returns>
    public static SchemaChange? Compare(string table, IReadOnlyList<ResultColumn> before, IReadOnlyList<ResultColumn> after)
    {
        if (before.Count == 0 || before.SequenceEqual(after))
        {
            return null;
        }

        var old = before.ToLookup(column => column.Name, StringComparer.Ordinal);
        var now = after.ToLookup(column => column.Name, StringComparer.Ordinal);
        var change = new SchemaChange(
            table,
            [.. after.Where(column => !old.Contains(column.Name)).Select(column => column.Name)],
            [.. before.Where(column => !now.Contains(column.Name)).Select(column => column.Name)],
            [.. after.Where(column => old.Contains(column.Name) && old[column.Name].All(one => one.Type != column.Type))
                .Select(column => column.Name)]);
        return change is { Added.Count: 0, Dropped.Count: 0, Retyped.Count: 0 } ? null : change;
    }
}
