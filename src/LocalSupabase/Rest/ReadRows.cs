using System.Globalization;
using System.Text.Json;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Rest.Catalog;
using Platform.LocalSupabase.Rest.Queries;

namespace Platform.LocalSupabase.Rest;

/// <summary>GET and HEAD of a table.</summary>
internal static class ReadRows
{
    public static async Task<RestAnswer> HandleAsync(RestCall call, string table)
    {
        var relation = await call.Catalog.RelationAsync(table);
        var query = Query.Parse(call.Context.Request.Query);
        query.ApplyRange(call.Context.Request.Headers.Range.ToString());
        var writer = new SqlWriter(call.Catalog);
        var (json, rows) = await call.RowsAsync("", await writer.QueryAsync(relation, relation.Sql, query, call.LimitOf(query)), writer);
        var total = await CountAsync(call, relation, query);
        if (total is { } known && query.Offset > 0 && query.Offset > known)
        {
            throw new RestException(
                416, "PGRST103", "Requested range not satisfiable",
                $"An offset of {query.Offset} was requested, but there are only {known} rows.");
        }

        return new RestAnswer(total > rows ? 206 : 200, call.Shape(json, rows), RangeOf(query.Offset, rows, total));
    }

    /// <summary>Such as 0-9/35; a star stands for what is not known.</summary>
    public static string RangeOf(long offset, long rows, long? total) =>
        (rows == 0 ? "*" : string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + rows - 1}"))
        + $"/{total?.ToString(CultureInfo.InvariantCulture) ?? "*"}";

    private static async Task<long?> CountAsync(RestCall call, Relation relation, Query query)
    {
        if (call.Preferences.Count is not { } kind)
        {
            return null;
        }

        var planned = kind == "exact" ? 0 : await PlannedAsync(call, relation, query);
        if (kind == "planned" || planned > call.LimitOf(new Query()))
        {
            return planned;
        }

        var writer = new SqlWriter(call.Catalog);
        var alias = writer.NewAlias();
        var where = await writer.WhereAsync(relation, alias, query);
        return await call.Command($"select count(*) from {relation.Sql} as {alias}{where}", writer).ScalarAsync<long>(call.Cancelled);
    }

    private static async Task<long> PlannedAsync(RestCall call, Relation relation, Query query)
    {
        var writer = new SqlWriter(call.Catalog);
        var alias = writer.NewAlias();
        var where = await writer.WhereAsync(relation, alias, query);
        var plan = await call.Command($"explain (format json) select 1 from {relation.Sql} as {alias}{where}", writer)
            .ScalarAsync<string>(call.Cancelled);
        return JsonElement.Parse(plan!)[0].GetProperty("Plan").GetProperty("Plan Rows").GetInt64();
    }
}
