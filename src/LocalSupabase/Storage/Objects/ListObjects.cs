using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed record SortBy(string? Column, string? Order);

internal sealed record ListObjectsRequest(string? Prefix, int? Limit, int? Offset, SortBy? SortBy, string? Search);

/// <summary>Lists one level below a folder, as the caller's policies show it.</summary>
internal static class ListObjects
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 10_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/object/list/{bucket}", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, StorageCallers callers, StorageDatabase database)
    {
        var caller = await callers.RequireAsync(context);
        var request = await StorageBody.ReadAsync<ListObjectsRequest>(context.Request);
        var prefix = request.Prefix ?? throw StorageBody.Missing("prefix");
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
        {
            prefix += "/";
        }

        if (request.Limit < 1 || request.Offset < 0)
        {
            throw StorageException.InvalidRequest("body/limit must be >= 1 and body/offset >= 0");
        }

        if (request.SortBy?.Column is not (null or "name" or "updated_at" or "created_at" or "last_accessed_at"))
        {
            throw StorageException.InvalidRequest("body/sortBy/column must be equal to one of the allowed values");
        }

        var (bucket, _) = StorageNames.Of(context, prefix: 4);
        var search = request.Search ?? "";
        // No name holds a letter outside of those allowed, and the database would not take some of them.
        if (!StorageNames.IsBucket(bucket) || (prefix.Length + search.Length > 0 && !StorageNames.IsKey(prefix + search)))
        {
            return TypedResults.Json(new JsonArray());
        }

        var entries = await database.AsCallerAsync(caller, context, "storage.object.list", connection => connection.Command(
            """
            select name, id, updated_at, created_at, last_accessed_at, metadata::text
            from storage.search(@prefix, @bucket, @limit, @levels, @offset, @search, @column, @order)
            """,
            ("prefix", prefix), ("bucket", bucket), ("limit", Math.Min(request.Limit ?? DefaultLimit, MaxLimit)),
            ("levels", prefix.Split('/').Length), ("offset", request.Offset ?? 0), ("search", search),
            ("column", request.SortBy?.Column ?? "name"), ("order", request.SortBy?.Order ?? "asc")).ListAsync(ReadEntry, context.RequestAborted));
        return TypedResults.Json(new JsonArray([.. entries]));
    }

    private static JsonObject ReadEntry(Npgsql.NpgsqlDataReader row) => new()
    {
        ["name"] = row.GetString(0),
        ["id"] = row.ValueOrNull<Guid>("id")?.ToString(),
        ["updated_at"] = StorageTime.Format(row.ValueOrNull<DateTimeOffset>("updated_at")),
        ["created_at"] = StorageTime.Format(row.ValueOrNull<DateTimeOffset>("created_at")),
        ["last_accessed_at"] = StorageTime.Format(row.ValueOrNull<DateTimeOffset>("last_accessed_at")),
        ["metadata"] = row.IsDBNull(5) ? null : JsonNode.Parse(row.GetString(5)),
    };
}
