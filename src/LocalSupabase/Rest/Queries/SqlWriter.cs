using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Platform.LocalSupabase.Rest.Catalog;

namespace Platform.LocalSupabase.Rest.Queries;

/// <summary>Writes a query as SQL: identifiers from the catalogue, operators from a fixed list, every value as a bound parameter.</summary>
internal sealed class SqlWriter(CatalogReader catalog)
{
    private static readonly Dictionary<string, string> Operators = new(StringComparer.Ordinal)
    {
        ["eq"] = "=", ["neq"] = "<>", ["gt"] = ">", ["gte"] = ">=", ["lt"] = "<", ["lte"] = "<=", ["like"] = "like", ["ilike"] = "ilike",
        ["match"] = "~", ["imatch"] = "~*", ["isdistinct"] = "is distinct from", ["cs"] = "@>", ["cd"] = "<@", ["ov"] = "&&",
        ["sl"] = "<<", ["sr"] = ">>", ["nxr"] = "&<", ["nxl"] = "&>", ["adj"] = "-|-",
    };

    private static readonly Dictionary<string, string> Searches = new(StringComparer.Ordinal)
    {
        ["fts"] = "to_tsquery", ["plfts"] = "plainto_tsquery", ["phfts"] = "phraseto_tsquery", ["wfts"] = "websearch_to_tsquery",
    };

    private static readonly Dictionary<string, string> Truths = new(StringComparer.OrdinalIgnoreCase)
    {
        ["null"] = "null", ["not_null"] = "not null", ["true"] = "true", ["false"] = "false", ["unknown"] = "unknown",
    };

    private int _aliases;

    public List<NpgsqlParameter> Parameters { get; } = [];

    /// <summary>Whether a filter may begin with this.</summary>
    public static bool IsOperator(string name) => name is "in" or "is" || Operators.ContainsKey(name) || Searches.ContainsKey(name);

    /// <summary>Binds a value whose type the database infers from where it stands, as it does for a literal.</summary>
    public string Bind(string value)
    {
        Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        return $"${Parameters.Count}";
    }

    /// <summary>The whole query over what <paramref name="source"/> names; rows that were just written are not filtered again.</summary>
    public async Task<string> QueryAsync(Relation relation, string source, Query query, long? limit, bool filtered = true)
    {
        var alias = NewAlias();
        var items = await ItemsAsync(relation, alias, query);
        var where = filtered ? await WhereAsync(relation, alias, query) : "";
        return $"select {items} from {source} as {alias}{where}{Order(relation, alias, query)}{Page(query, limit)}";
    }

    /// <summary>The conditions, with those that an inner embedding adds.</summary>
    public async Task<string> WhereAsync(Relation relation, string alias, Query query)
    {
        var conditions = query.Where.Select(condition => Write(relation, alias, condition)).ToList();
        foreach (var item in query.Select.Where(item => item.Inner))
        {
            var (way, inner, inside) = await RelatedAsync(relation, alias, query, item);
            conditions.Add($"exists (select 1 from {way.Target.Sql} as {inner} where {inside})");
        }

        return conditions.Count == 0 ? "" : $" where {string.Join(" and ", conditions)}";
    }

    /// <summary>What is selected.</summary>
    public async Task<string> ItemsAsync(Relation relation, string alias, Query query)
    {
        var items = new List<string>();
        foreach (var item in query.Select)
        {
            items.Add(item switch
            {
                { Relation: not null } => await EmbedAsync(relation, alias, query, item),
                { Field.Column: "*" } => $"{alias}.*",
                { Field: { } field } =>
                    $"{await CastAsync(Write(relation, alias, field), item.Cast)} as {Relation.Quote(item.Alias ?? field.Name)}",
                _ => throw new InvalidOperationException("An item is a field or a relation."),
            });
        }

        return string.Join(", ", items);
    }

    /// <summary>Binds a JSON document.</summary>
    public string BindJson(string json)
    {
        Parameters.Add(new NpgsqlParameter { Value = json, NpgsqlDbType = NpgsqlDbType.Json });
        return $"${Parameters.Count}";
    }

    public string NewAlias() => $"t{_aliases++}";

    private async Task<string> CastAsync(string expression, string? type) =>
        type is null ? expression : $"cast({expression} as {await catalog.TypeAsync(type)})";

    private async Task<string> EmbedAsync(Relation relation, string alias, Query query, SelectItem item)
    {
        var (way, inner, inside) = await RelatedAsync(relation, alias, query, item);
        var embedded = query.Embedded[item.Alias ?? item.Relation!];
        var rows = $"select {await ItemsAsync(way.Target, inner, embedded)} from {way.Target.Sql} as {inner} where {inside}"
            + Order(way.Target, inner, embedded) + Page(embedded, embedded.Limit);
        var name = Relation.Quote(item.Alias ?? item.Relation!);
        var row = NewAlias();
        return way.ToOne
            ? $"(select row_to_json({row}) from ({rows}) as {row}) as {name}"
            : $"coalesce((select json_agg(row_to_json({row})) from ({rows}) as {row}), '[]') as {name}";
    }

    private async Task<(Relationship Way, string Alias, string Condition)> RelatedAsync(
        Relation relation, string alias, Query query, SelectItem item)
    {
        var way = await catalog.RelationshipAsync(relation, item.Relation!, item.Hint);
        var inner = NewAlias();
        var join = string.Join(" and ", way.Columns.Select(pair =>
            $"{inner}.{way.Target.ColumnSql(pair.Other)} = {alias}.{relation.ColumnSql(pair.Own)}"));
        var where = await WhereAsync(way.Target, inner, query.Embedded[item.Alias ?? item.Relation!]);
        return (way, inner, where.Length == 0 ? join : $"{join} and {where[" where ".Length..]}");
    }

    private string Write(Relation relation, string alias, Field field)
    {
        var column = $"{alias}.{relation.ColumnSql(field.Column)}";
        if (field.Path.Count == 0)
        {
            return column;
        }

        return field.Path.Aggregate($"to_jsonb({column})", (expression, step) =>
        {
            var type = int.TryParse(step.Key, CultureInfo.InvariantCulture, out _) ? "int" : "text";
            return $"({expression} {(step.AsText ? "->>" : "->")} {Bind(step.Key)}::{type})";
        });
    }

    private string Write(Relation relation, string alias, Condition condition)
    {
        var sql = condition switch
        {
            Group group => $"({string.Join(group.IsOr ? " or " : " and ", group.Parts.Select(part => Write(relation, alias, part)))})",
            Comparison comparison => Write(relation, alias, comparison),
            _ => throw new InvalidOperationException("A condition is a group or a comparison."),
        };
        return condition.Negated ? $"not ({sql})" : sql;
    }

    private string Write(Relation relation, string alias, Comparison comparison)
    {
        var left = Write(relation, alias, comparison.Field);
        var value = comparison.Value ?? "";
        if (comparison.Operator == "in")
        {
            return $"{left} = any ({Bind(ArrayOf(comparison.Values))})";
        }

        if (comparison.Operator == "is" && comparison.Language is null)
        {
            return Truths.TryGetValue(value, out var truth)
                ? $"{left} is {truth}"
                : throw RestException.Unparsable($"filter (is.{value})", "expected null, not_null, true, false or unknown");
        }

        if (Searches.TryGetValue(comparison.Operator, out var search))
        {
            var language = comparison.Language is null ? "" : $"{Bind(comparison.Language)}::regconfig, ";
            return $"{left} @@ {search}({language}{Bind(value)})";
        }

        if (comparison.Language is not null || !Operators.TryGetValue(comparison.Operator, out var sign))
        {
            throw RestException.Unparsable($"filter ({comparison.Operator}.{value})", "this operator is not known");
        }

        return $"{left} {sign} {Bind(sign is "like" or "ilike" ? value.Replace('*', '%') : value)}";
    }

    private string Order(Relation relation, string alias, Query query) => query.Order.Count == 0
        ? ""
        : " order by " + string.Join(", ", query.Order.Select(term => Write(relation, alias, term.Field)
            + (term.Descending ? " desc" : "")
            + (term.NullsFirst is { } first ? first ? " nulls first" : " nulls last" : "")));

    private static string Page(Query query, long? limit) =>
        (limit is { } most ? string.Create(CultureInfo.InvariantCulture, $" limit {most}") : "")
        + (query.Offset > 0 ? string.Create(CultureInfo.InvariantCulture, $" offset {query.Offset}") : "");

    private static string ArrayOf(IReadOnlyList<string> values) =>
        $"{{{string.Join(',', values.Select(value => $"\"{Escape(value)}\""))}}}";

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
