using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Storage.Objects;

internal static class GetObjectInfo
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/object/info/{bucket}/{**key}", (HttpContext context, StorageCallers callers, ObjectReader reader) =>
            AsCallerAsync(context, callers, reader, prefix: 4));
        routes.MapGet("/object/info/authenticated/{bucket}/{**key}", (HttpContext context, StorageCallers callers, ObjectReader reader) =>
            AsCallerAsync(context, callers, reader, prefix: 5));
        routes.MapGet("/object/info/public/{bucket}/{**key}", PublicAsync).WithMetadata(new WithoutApiKey());
    }

    private static async Task<IResult> AsCallerAsync(HttpContext context, StorageCallers callers, ObjectReader reader, int prefix)
    {
        var caller = await callers.RequireAsync(context);
        var (bucket, key) = StorageNames.Of(context, prefix);
        return Describe(await reader.RequireAsync(caller, context, "storage.object.info", bucket, key));
    }

    private static async Task<IResult> PublicAsync(HttpContext context, ObjectReader reader)
    {
        var (bucket, key) = StorageNames.Of(context, prefix: 5);
        return await reader.IsPublicAsync(bucket, context.RequestAborted)
            ? Describe(await reader.RequireUncheckedAsync(bucket, key, context.RequestAborted))
            : throw StorageException.NoSuchBucket();
    }

    private static JsonHttpResult<JsonObject> Describe(StoredObject row) => TypedResults.Json(new JsonObject
    {
        ["id"] = row.Id.ToString(),
        ["name"] = row.Name,
        ["version"] = row.Version,
        ["bucket_id"] = row.Bucket,
        ["size"] = row.Size,
        ["content_type"] = row.MimeType,
        ["cache_control"] = row.CacheControl,
        ["etag"] = row.ETag,
        ["metadata"] = row.UserMetadata.DeepClone(),
        ["last_modified"] = StorageTime.Format(row.UpdatedAt),
        ["created_at"] = StorageTime.Format(row.CreatedAt),
    });
}
