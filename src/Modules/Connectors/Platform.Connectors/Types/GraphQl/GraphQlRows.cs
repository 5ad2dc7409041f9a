using System.Text.Json;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.GraphQl;

/// <summary>The rows of an answer, and where the next page begins.</summary>
/// <param name="Items">Of a connection: its nodes.</param>
/// <param name="NextCursor">Of a connection that has more: its <c>pageInfo.endCursor</c>.</param>
internal sealed record GraphQlRows(IReadOnlyList<JsonElement> Items, string? NextCursor)
{
    private const int MaxDepth = 6;

    /// <summary>
    /// The rows at the path, or the first list of objects that is found from the top down. An answer without one is a row itself, or the
    /// object that it was asked for.
    /// </summary>
    public static GraphQlRows In(JsonElement data, string path)
    {
        var found = path.Length > 0 ? JsonRows.At(data, path) : default;
        return Of(found.ValueKind == JsonValueKind.Undefined ? FindList(data) : found);
    }

    private static GraphQlRows Of(JsonElement found)
    {
        if (found.ValueKind == JsonValueKind.Array)
        {
            return new GraphQlRows([.. found.EnumerateArray()], null);
        }

        if (found.ValueKind != JsonValueKind.Object)
        {
            return new GraphQlRows([], null);
        }

        if (TryGetArray(found, "nodes", out var nodes))
        {
            return new GraphQlRows([.. nodes.EnumerateArray()], NextOf(found));
        }

        return TryGetArray(found, "edges", out var edges)
            ? new GraphQlRows([.. edges.EnumerateArray().Select(edge => JsonRows.At(edge, "node"))], NextOf(found))
            : new GraphQlRows([found], null);
    }

    // Breadth first: the outermost list is what the query is about.
    private static JsonElement FindList(JsonElement data)
    {
        List<JsonElement> level = [data];
        for (var depth = 0; depth < MaxDepth && level.Count > 0; depth++)
        {
            foreach (var element in level)
            {
                if (IsListOfObjects(element) || TryGetArray(element, "nodes", out _) || TryGetArray(element, "edges", out _))
                {
                    return element;
                }
            }

            level = [.. level.Where(element => element.ValueKind == JsonValueKind.Object)
                .SelectMany(element => element.EnumerateObject().Select(member => member.Value))];
        }

        return data.EnumerateObject().ToList() is [{ Value.ValueKind: JsonValueKind.Object } only] ? only.Value : data;
    }

    private static bool IsListOfObjects(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array && (element.GetArrayLength() == 0 || element[0].ValueKind == JsonValueKind.Object);

    private static string? NextOf(JsonElement connection) =>
        JsonRows.At(connection, "pageInfo.hasNextPage").ValueKind == JsonValueKind.True
            && JsonRows.At(connection, "pageInfo.endCursor") is { ValueKind: JsonValueKind.String } cursor
            ? cursor.GetString()
            : null;

    private static bool TryGetArray(JsonElement element, string name, out JsonElement array)
    {
        array = default;
        return element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty(name, out array)
            && array.ValueKind == JsonValueKind.Array;
    }
}
