using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed record ListObjectsV2Request(
    string? Prefix,
    int? Limit,
    string? Cursor,
    [property: JsonPropertyName("with_delimiter")] bool? WithDelimiter,
    SortBy? SortBy);

/// <summary>Lists all that begins with a prefix, folded at the next slash if wanted, a page at a time.</summary>
internal static class ListObjectsV2
{
    private const int MaxLimit = 1000;

    /// <summary>Where a page ended. Clients see it as base64 and send it back; the sort travels with it.</summary>
    private sealed record Cursor(string Name, string? Time, string Column, string Order);

    private sealed record Entry(string? Key, string Name, JsonObject? Object, string? CreatedAt, string? UpdatedAt);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/object/list-v2/{bucket}", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext context, StorageCallers callers, StorageDatabase database)
    {
        var caller = await callers.RequireAsync(context);
        var request = await StorageBody.ReadAsync<ListObjectsV2Request>(context.Request);
        if (request.Limit is < 1 or > MaxLimit)
        {
            throw StorageException.InvalidRequest($"body/limit must be 1 to {MaxLimit}");
        }

        var start = StartOf(request);
        var (bucket, _) = StorageNames.Of(context, prefix: 4);
        var (prefix, limit) = (request.Prefix ?? "", request.Limit ?? MaxLimit);
        // No name holds a letter outside of those allowed, and the database would not take some of them.
        var entries = StorageNames.IsBucket(bucket) && (prefix.Length == 0 || StorageNames.IsKey(prefix))
            ? await database.AsCallerAsync(caller, context, "storage.object.list_v2", connection => connection.Command(
                """
                select key, name, id, updated_at, created_at, last_accessed_at, metadata::text, created_at::text, updated_at::text
                from storage.search_v2(@prefix, @bucket, @limit, @levels, @after, @order, @column, @time)
                """,
                ("prefix", prefix), ("bucket", bucket), ("limit", limit + 1), ("levels", request.WithDelimiter == true ? 1 : 0),
                ("after", start.Name), ("order", start.Order), ("column", start.Column), ("time", start.Time ?? ""))
                .ListAsync(Read, context.RequestAborted))
            : [];
        return TypedResults.Json(Page(entries, limit, start));
    }

    private static JsonObject Page(List<Entry> entries, int limit, Cursor start)
    {
        var shown = entries.Take(limit).ToList();
        var page = new JsonObject
        {
            ["hasNext"] = entries.Count > limit,
            ["folders"] = new JsonArray([.. shown.Where(entry => entry.Object is null)
                .Select(entry => new JsonObject { ["key"] = entry.Key, ["name"] = entry.Name })]),
            ["objects"] = new JsonArray([.. shown.Select(entry => entry.Object).OfType<JsonObject>()]),
        };
        if (entries.Count > limit)
        {
            var last = shown[^1];
            var cursor = start with { Name = last.Name, Time = start.Column == "updated_at" ? last.UpdatedAt : last.CreatedAt };
            page["nextCursor"] = WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(cursor));
            page["nextCursorKey"] = last.Name;
        }

        return page;
    }

    private static Cursor StartOf(ListObjectsV2Request request)
    {
        var column = request.SortBy?.Column ?? "name";
        var order = (request.SortBy?.Order ?? "asc").ToLowerInvariant();
        if (column is not ("name" or "created_at" or "updated_at") || order is not ("asc" or "desc"))
        {
            throw StorageException.InvalidRequest("body/sortBy must be equal to one of the allowed values");
        }

        return string.IsNullOrEmpty(request.Cursor) ? new Cursor("", null, column, order) : Parse(request.Cursor);
    }

    // It comes from the client, so nothing in it is believed that the request could not have said itself.
    private static Cursor Parse(string text)
    {
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(text);
            StorableJson.Check(bytes);
            if (JsonSerializer.Deserialize<Cursor>(bytes) is
                {
                    Name: not null, Column: "name" or "created_at" or "updated_at", Order: "asc" or "desc",
                } cursor
                && (string.IsNullOrEmpty(cursor.Time)
                    || DateTimeOffset.TryParse(cursor.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)))
            {
                return cursor;
            }
        }
        catch (Exception exception) when (exception is FormatException or JsonException or DecoderFallbackException)
        {
        }

        throw StorageException.InvalidRequest("body/cursor is not valid");
    }

    private static Entry Read(NpgsqlDataReader row)
    {
        var (key, name, id) = (row.GetString(0), row.GetString(1), row.ValueOrNull<Guid>("id"));
        return id is null
            ? new Entry(key, name, null, null, null)
            : new Entry(key, name, new JsonObject
            {
                ["id"] = id.ToString(),
                ["name"] = name,
                ["updated_at"] = StorageTime.Format(row.ValueOrNull<DateTimeOffset>("updated_at")),
                ["created_at"] = StorageTime.Format(row.ValueOrNull<DateTimeOffset>("created_at")),
                ["last_accessed_at"] = StorageTime.Format(row.ValueOrNull<DateTimeOffset>("last_accessed_at")),
                ["metadata"] = row.IsDBNull(6) ? null : JsonNode.Parse(row.GetString(6)),
            }, row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8));
    }
}
