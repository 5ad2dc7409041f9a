using System.Globalization;
using System.Text.Json;
using Platform.Connectors.Results;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.GraphQl;

/// <summary>A list that an endpoint offers without being given anything.</summary>
/// <param name="Table">Its name and the scalar fields of its items.</param>
/// <param name="Document">The query that reads it, page by page where it has pages.</param>
internal sealed record GraphQlList(SourceTable Table, string Document);

/// <summary>What an endpoint says of itself (GraphQL, section 4: introspection).</summary>
internal sealed class GraphQlSchema
{
    public const string Query =
        """
        query { __schema { queryType { name } types { kind name fields(includeDeprecated: false) { name
          args { name type { kind name ofType { kind name } } defaultValue }
          type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }
        """;

    private const int MaxLists = 500;
    private const int PageSize = 100;
    private readonly Dictionary<string, JsonElement> _types;
    private readonly string _root;

    public GraphQlSchema(JsonElement data)
    {
        var schema = JsonRows.At(data, "__schema");
        _types = JsonRows.In(schema, "types").DistinctBy(NameOf).ToDictionary(NameOf, StringComparer.Ordinal);
        _root = HttpSource.Text(JsonRows.At(schema, "queryType"), "name") ?? "Query";
    }

    /// <summary>The lists and connections of the query type that need no argument.</summary>
    public IReadOnlyList<GraphQlList> Lists(string cursorVariable) =>
        [.. FieldsOf(_root).Where(field => !ArgumentsOf(field).Any(IsRequired))
            .Select(field => ListOf(field, cursorVariable))
            .OfType<GraphQlList>()
            .Take(MaxLists)];

    private GraphQlList? ListOf(JsonElement field, string cursorVariable)
    {
        var (type, isList) = Unwrap(field.GetProperty("type"));
        if (isList)
        {
            return Build(field, type, selection => selection, cursorVariable);
        }

        // A connection: nodes, or edges with nodes.
        var members = FieldsOf(type).ToDictionary(NameOf, StringComparer.Ordinal);
        if (members.TryGetValue("nodes", out var nodes))
        {
            return Build(field, Unwrap(nodes.GetProperty("type")).Type, selection => $"nodes {{ {selection} }}", cursorVariable, members);
        }

        if (!members.TryGetValue("edges", out var edges))
        {
            return null;
        }

        var edge = FieldsOf(Unwrap(edges.GetProperty("type")).Type).FirstOrDefault(member => NameOf(member) == "node");
        return edge.ValueKind == JsonValueKind.Undefined
            ? null
            : Build(
                field, Unwrap(edge.GetProperty("type")).Type, selection => $"edges {{ node {{ {selection} }} }}", cursorVariable, members);
    }

    private GraphQlList? Build(
        JsonElement field, string itemType, Func<string, string> select, string cursorVariable,
        Dictionary<string, JsonElement>? connection = null)
    {
        var columns = FieldsOf(itemType).Where(member => !ArgumentsOf(member).Any(IsRequired))
            .Select(ColumnOf)
            .OfType<SourceColumn>()
            .ToList();
        if (columns.Count == 0)
        {
            return null;
        }

        var name = NameOf(field);
        var selection = select(string.Join(' ', columns.Select(column => column.Name)));
        var arguments = ArgumentsOf(field).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var isPaged = connection?.ContainsKey("pageInfo") == true && arguments.Contains("first") && arguments.Contains("after");
        var page = string.Create(CultureInfo.InvariantCulture, $"first: {PageSize}, after: ${cursorVariable}");
        var document = isPaged
            ? $"query(${cursorVariable}: String) {{ {name}({page}) {{ {selection} pageInfo {{ hasNextPage endCursor }} }} }}"
            : $"query {{ {name} {{ {selection} }} }}";
        return new GraphQlList(new SourceTable(name, columns), document);
    }

    private SourceColumn? ColumnOf(JsonElement field)
    {
        var type = field.GetProperty("type");
        var isNullable = HttpSource.Text(type, "kind") != "NON_NULL";
        var (name, isList) = Unwrap(type);
        var kind = _types.TryGetValue(name, out var known) ? HttpSource.Text(known, "kind") : "SCALAR";
        if (kind is not ("SCALAR" or "ENUM"))
        {
            return null;
        }

        var columnType = (isList, name) switch
        {
            (true, _) => ColumnType.Json,
            (_, "Int") => ColumnType.Integer,
            (_, "Float") => ColumnType.Double,
            (_, "Boolean") => ColumnType.Boolean,
            _ => ColumnType.Text,
        };
        return new SourceColumn(NameOf(field), columnType, isNullable);
    }

    private IReadOnlyList<JsonElement> FieldsOf(string type) => _types.TryGetValue(type, out var found) ? MembersOf(found, "fields") : [];

    private static IReadOnlyList<JsonElement> ArgumentsOf(JsonElement field) => MembersOf(field, "args");

    private static IReadOnlyList<JsonElement> MembersOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var members) && members.ValueKind == JsonValueKind.Array ? [.. members.EnumerateArray()] : [];

    private static bool IsRequired(JsonElement argument) =>
        HttpSource.Text(argument.GetProperty("type"), "kind") == "NON_NULL" && HttpSource.Text(argument, "defaultValue") is null;

    private static (string Type, bool IsList) Unwrap(JsonElement type)
    {
        var isList = false;
        var current = type;
        while (current.TryGetProperty("ofType", out var inner) && inner.ValueKind == JsonValueKind.Object)
        {
            isList |= HttpSource.Text(current, "kind") == "LIST";
            current = inner;
        }

        return (NameOf(current), isList);
    }

    private static string NameOf(JsonElement element) => HttpSource.Text(element, "name") ?? "";
}
