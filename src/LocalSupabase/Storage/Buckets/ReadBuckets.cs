using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Buckets;

internal static class ReadBuckets
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/bucket", ListAsync);
        routes.MapGet("/bucket/{id}", GetAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, StorageCallers callers, StorageDatabase database)
    {
        var caller = await callers.RequireAsync(context);
        var query = context.Request.Query;
        var column = query["sortColumn"].ToString() is "id" or "name" or "created_at" or "updated_at" ? query["sortColumn"].ToString() : "name";
        var direction = query["sortOrder"].ToString().Equals("desc", StringComparison.OrdinalIgnoreCase) ? "desc" : "asc";
        var buckets = await database.AsCallerAsync(caller, context, "storage.bucket.list", connection => connection.Command(
            $"""
            {Bucket.Select} where @search = '' or strpos(lower(name), lower(@search)) > 0
            order by {column} {direction}, id limit @limit::bigint offset @offset
            """,
            ("search", query["search"].ToString().Replace("\0", "", StringComparison.Ordinal)), ("limit", Number(query["limit"], null)),
            ("offset", Number(query["offset"], 0))).ListAsync(Bucket.Read, context.RequestAborted));
        return TypedResults.Json(new JsonArray([.. buckets.Select(bucket => bucket.ToJson(withType: true))]));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext context, StorageCallers callers, StorageDatabase database)
    {
        var caller = await callers.RequireAsync(context);
        var bucket = await database.AsCallerAsync(
            caller, context, "storage.bucket.get", connection => Bucket.FindAsync(connection, id, context.RequestAborted))
            ?? throw StorageException.NoSuchBucket();
        return TypedResults.Json(bucket.ToJson(withType: false));
    }

    private static long? Number(string? text, long? otherwise)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw StorageException.InvalidRequest("querystring/limit and offset must be integer");
    }
}
