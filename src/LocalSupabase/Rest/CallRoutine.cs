using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Rest.Catalog;
using Platform.LocalSupabase.Rest.Queries;

namespace Platform.LocalSupabase.Rest;

/// <summary>A function of the database: arguments by name, in the body or, where it only reads, in the query.</summary>
internal static class CallRoutine
{
    public static async Task<RestAnswer> HandleAsync(RestCall call, string name)
    {
        var writer = new SqlWriter(call.Catalog);
        var parameters = call.Context.Request.Query;
        var isPost = HttpMethods.IsPost(call.Context.Request.Method);
        var body = isPost ? await BodyAsync(call) : [];
        var values = isPost ? body.ToDictionary(one => one.Key, one => TextOf(one.Value)) : parameters
            .Where(one => one.Key is not ("select" or "order" or "limit" or "offset" or "and" or "or" or "apikey"))
            .Where(one => !IsFilter(one.Value.ToString()))
            .ToDictionary(one => one.Key, one => (string?)one.Value.ToString());
        var routine = await call.Catalog.RoutineAsync(name, values.Keys);
        string Argument(string key, string? value) =>
            value is null ? "null" : ValueOf(writer, value, routine.ArgumentTypes[key], body.GetValueOrDefault(key));
        var arguments = string.Join(", ", values.Select(one => $"{Relation.Quote(one.Key)} := {Argument(one.Key, one.Value)}"));
        var source = $"{routine.Sql}({arguments})";
        if (routine.ReturnsVoid)
        {
            await call.Command($"select {source}", writer).ExecuteAsync(call.Cancelled);
            return new RestAnswer(204, null);
        }

        return routine.Rows is { } rows
            ? await RowsAsync(call, routine, rows, source, writer, values)
            : new RestAnswer(200, await ScalarAsync(call, routine, source, writer));
    }

    private static async Task<RestAnswer> RowsAsync(
        RestCall call, Routine routine, Relation rows, string source, SqlWriter writer, Dictionary<string, string?> values)
    {
        var arguments = HttpMethods.IsPost(call.Context.Request.Method) ? new HashSet<string>() : values.Keys.ToHashSet();
        var query = Query.Parse(call.Context.Request.Query, arguments);
        var (json, count) = await call.RowsAsync("", await writer.QueryAsync(rows, source, query, call.LimitOf(query)), writer);
        if (!routine.ReturnsSet)
        {
            return new RestAnswer(200, count == 1 ? json[1..^1] : "null");
        }

        return new RestAnswer(200, call.Shape(json, count), ReadRows.RangeOf(query.Offset, count, null));
    }

    private static async Task<string> ScalarAsync(RestCall call, Routine routine, string source, SqlWriter writer)
    {
        var answer = routine.ReturnsSet ? "coalesce(json_agg(value), '[]')" : "to_json(value)";
        var from = routine.ReturnsSet ? $"{source} as value" : $"(select {source} as value) as called";
        return await call.Command($"select ({answer})::text from {from}", writer).ScalarAsync<string>(call.Cancelled) ?? "null";
    }

    /// <summary>JSON stays JSON for a JSON argument and a list for a list; anything else is what its text says.</summary>
    private static string ValueOf(SqlWriter writer, string value, string type, JsonElement json) => (type, json.ValueKind) switch
    {
        ("json" or "jsonb", not JsonValueKind.Undefined) => $"{writer.BindJson(json.GetRawText())}::{type}",
        ([.., '[', ']'], JsonValueKind.Array) =>
            $"(select array_agg(one) from json_array_elements_text({writer.BindJson(json.GetRawText())}) as one)::{type}",
        _ => $"{writer.Bind(value)}::{type}",
    };

    private static async Task<Dictionary<string, JsonElement>> BodyAsync(RestCall call)
    {
        if (call.Context.Request.ContentLength is 0 or null && !call.Context.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return [];
        }

        var body = await RestBody.ReadAsync(call.Context.Request, call.Cancelled);
        return body.ValueKind == JsonValueKind.Object
            ? body.EnumerateObject().GroupBy(member => member.Name).ToDictionary(group => group.Key, group => group.Last().Value)
            : throw RestBody.Malformed();
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    // A parameter such as age=gte.18 filters the rows that a function gives.
    private static bool IsFilter(string value) => value.StartsWith("not.", StringComparison.Ordinal)
        || (value.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && SqlWriter.IsOperator(value[..dot]));
}
