using System.Text.Json;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Rest.Catalog;
using Platform.LocalSupabase.Rest.Queries;

namespace Platform.LocalSupabase.Rest;

/// <summary>POST, PATCH and DELETE of a table.</summary>
internal static class WriteRows
{
    public static async Task<RestAnswer> InsertAsync(RestCall call, string table)
    {
        var relation = await call.Catalog.RelationAsync(table);
        var (json, columns) = await ReadAsync(call, relation, manyAllowed: true);
        var writer = new SqlWriter(call.Catalog);
        var list = string.Join(", ", columns.Select(Relation.Quote));
        var source = columns.Count == 0
            ? $"insert into {relation.Sql} default values"
            : $"insert into {relation.Sql} ({list}) select {list} from json_populate_recordset(null::{relation.Sql}, "
                + $"{DocumentOf(call, relation, columns, json, writer)})";
        return await AnswerAsync(call, relation, source + Conflict(call, relation, columns), writer, 201, 201);
    }

    public static async Task<RestAnswer> UpdateAsync(RestCall call, string table)
    {
        var relation = await call.Catalog.RelationAsync(table);
        var (json, columns) = await ReadAsync(call, relation, manyAllowed: false);
        var writer = new SqlWriter(call.Catalog);
        var (alias, query) = (writer.NewAlias(), Filters(call));
        if (columns.Count == 0)
        {
            return call.Preferences.Representation
                ? new RestAnswer(200, call.Shape("[]", 0), "*/*")
                : new RestAnswer(204, null, "*/*");
        }

        var sets = string.Join(", ", columns.Select(column => $"{Relation.Quote(column)} = body.{Relation.Quote(column)}"));
        var body = $"(select * from json_populate_recordset(null::{relation.Sql}, {writer.BindJson(json)})) as body";
        var update = $"update {relation.Sql} as {alias} set {sets} from {body}{await writer.WhereAsync(relation, alias, query)}";
        return await AnswerAsync(call, relation, update, writer, 200, 204, alias);
    }

    public static async Task<RestAnswer> DeleteAsync(RestCall call, string table)
    {
        var relation = await call.Catalog.RelationAsync(table);
        var writer = new SqlWriter(call.Catalog);
        var alias = writer.NewAlias();
        var delete = $"delete from {relation.Sql} as {alias}{await writer.WhereAsync(relation, alias, Filters(call))}";
        return await AnswerAsync(call, relation, delete, writer, 200, 204, alias);
    }

    /// <summary>Limits of what is changed are not offered: they would be a wrong answer without an order that is total.</summary>
    private static Query Filters(RestCall call)
    {
        var query = Query.Parse(call.Context.Request.Query);
        return query.Limit is null && query.Offset == 0
            ? query
            : throw RestException.Unparsable("limit parameter", "a change takes no limit or offset");
    }

    private static async Task<RestAnswer> AnswerAsync(
        RestCall call, Relation relation, string statement, SqlWriter writer, int withRows, int without, string? alias = null)
    {
        if (!call.Preferences.Representation)
        {
            var affected = await call.Command(statement, writer).ExecuteAsync(call.Cancelled);
            call.CheckAffected(affected);
            return new RestAnswer(without, null, call.Preferences.Count is null ? "*/*" : $"*/{affected}");
        }

        var query = Query.Parse(call.Context.Request.Query);
        var rows = await writer.QueryAsync(relation, "written", query, limit: null, filtered: false);
        var (json, count) = await call.RowsAsync($"with written as ({statement} returning {alias ?? relation.Sql}.*) ", rows, writer);
        call.CheckAffected(count);
        return new RestAnswer(withRows, call.Shape(json, count), call.Preferences.Count is null ? "*/*" : $"*/{count}");
    }

    /// <summary>The body as a JSON array of objects, and the columns that it sets.</summary>
    private static async Task<(string Json, List<string> Columns)> ReadAsync(RestCall call, Relation relation, bool manyAllowed)
    {
        var body = await RestBody.ReadAsync(call.Context.Request, call.Cancelled);
        var rows = body.ValueKind switch
        {
            JsonValueKind.Object => [body],
            JsonValueKind.Array when manyAllowed || body.GetArrayLength() == 1 => body.EnumerateArray().ToList(),
            _ => throw RestBody.Malformed(),
        };
        if (rows.Exists(row => row.ValueKind != JsonValueKind.Object))
        {
            throw RestBody.Malformed();
        }

        var keys = rows.Select(row => row.EnumerateObject().Select(member => member.Name).ToHashSet(StringComparer.Ordinal)).ToList();
        var wanted = call.Context.Request.Query["columns"].ToString();
        if (wanted.Length == 0 && keys.Exists(one => !one.SetEquals(keys[0])))
        {
            throw new RestException(400, "PGRST102", "All object keys must match");
        }

        var columns = wanted.Length > 0 ? Names("columns", wanted) : keys.Count > 0 ? [.. keys[0]] : [];
        if (columns.Find(column => !relation.Columns.ContainsKey(column)) is { } unknown)
        {
            throw RestException.NoSuchColumnInBody(unknown, relation.Name);
        }

        return (body.ValueKind == JsonValueKind.Array ? body.GetRawText() : $"[{body.GetRawText()}]", columns);
    }

    private static string DocumentOf(RestCall call, Relation relation, List<string> columns, string json, SqlWriter writer)
    {
        var document = writer.BindJson(json);
        var defaults = columns.Select(column => relation.Columns[column]).Where(column => column.Default is not null).ToList();
        if (!call.Preferences.MissingAsDefault || defaults.Count == 0)
        {
            return document;
        }

        // Evaluated for each row, so that two rows do not share one generated id.
        var members = string.Join(", ", defaults.Select(column => $"{writer.Bind(column.Name)}::text, {column.Default}"));
        return $"(select coalesce(json_agg(jsonb_build_object({members}) || one), '[]') "
            + $"from jsonb_array_elements({document}::jsonb) as one)";
    }

    private static string Conflict(RestCall call, Relation relation, List<string> columns)
    {
        if (call.Preferences.MergeDuplicates is not { } merge)
        {
            return "";
        }

        var named = call.Context.Request.Query["on_conflict"].ToString();
        var target = (named.Length > 0 ? Names("on_conflict", named) : relation.PrimaryKey).Select(relation.ColumnSql).ToList();
        if (target.Count == 0)
        {
            return merge ? "" : " on conflict do nothing";
        }

        return merge && columns.Count > 0
            ? $" on conflict ({string.Join(", ", target)}) do update set "
                + string.Join(", ", columns.Select(column => $"{Relation.Quote(column)} = excluded.{Relation.Quote(column)}"))
            : $" on conflict ({string.Join(", ", target)}) do nothing";
    }

    private static List<string> Names(string parameter, string list)
    {
        var text = new QueryText(parameter, list);
        var names = new List<string>();
        do
        {
            names.Add(text.Name(","));
        }
        while (text.Take(","));
        return text.AtEnd ? names : throw text.Fail("unexpected text");
    }
}
