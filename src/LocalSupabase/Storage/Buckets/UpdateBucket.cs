using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Buckets;

internal static class UpdateBucket
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("/bucket/{id}", HandleAsync);

    private static async Task<IResult> HandleAsync(
        string id, HttpContext context, StorageCallers callers, StorageDatabase database, LocalSupabaseOptions options)
    {
        var caller = await callers.RequireAsync(context);
        var settings = await StorageBody.ReadAsync<BucketSettings>(context.Request);
        if (settings.Public is null && !settings.ChangesSizeLimit && !settings.ChangesMimeTypes)
        {
            throw StorageException.InvalidRequest("body must NOT have fewer than 1 properties");
        }

        var (sizeLimit, mimeTypes) = (settings.SizeLimit(options.Storage.FileSizeLimit), settings.MimeTypes());
        var updated = await database.AsCallerAsync(caller, context, "storage.bucket.update", connection => connection.Command(
            """
            update storage.buckets set public = coalesce(@public::boolean, public), updated_at = now(),
              file_size_limit = case when @changes_size then @size_limit::bigint else file_size_limit end,
              allowed_mime_types = case when @changes_types then @mime_types::text[] else allowed_mime_types end
            where id = @id
            """,
            ("id", id), ("public", settings.Public), ("changes_size", settings.ChangesSizeLimit), ("size_limit", sizeLimit),
            ("changes_types", settings.ChangesMimeTypes), ("mime_types", mimeTypes)).ExecuteAsync(context.RequestAborted));
        return updated == 1
            ? TypedResults.Json(new JsonObject { ["message"] = "Successfully updated" })
            : throw StorageException.NoSuchBucket();
    }
}
