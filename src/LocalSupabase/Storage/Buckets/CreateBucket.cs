using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Storage.Buckets;

internal static class CreateBucket
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/bucket", HandleAsync);

    private static async Task<IResult> HandleAsync(
        HttpContext context, StorageCallers callers, StorageDatabase database, LocalSupabaseOptions options)
    {
        var caller = await callers.RequireAsync(context);
        var settings = await StorageBody.ReadAsync<BucketSettings>(context.Request);
        var name = settings.Name ?? throw StorageBody.Missing("name");
        var id = string.IsNullOrEmpty(settings.Id) ? name : settings.Id;
        if (!StorageNames.IsBucket(name) || !StorageNames.IsBucket(id))
        {
            throw StorageException.InvalidBucketName();
        }

        if (settings.Type is not (null or "STANDARD"))
        {
            throw StorageException.NotEnabled($"Buckets of the type {settings.Type} are not enabled");
        }

        var (sizeLimit, mimeTypes) = (settings.SizeLimit(options.Storage.FileSizeLimit), settings.MimeTypes());
        // Without "returning": that would need the right to read, too.
        await database.AsCallerAsync(caller, context, "storage.bucket.create", connection => connection.Command(
            """
            insert into storage.buckets (id, name, owner, owner_id, public, file_size_limit, allowed_mime_types)
            values (@id, @name, @owner, @owner_id, @public, @size_limit, @mime_types)
            """,
            ("id", id), ("name", name), ("owner", caller.Owner), ("owner_id", caller.Subject), ("public", settings.Public ?? false),
            ("size_limit", sizeLimit), ("mime_types", mimeTypes)).ExecuteAsync(context.RequestAborted));
        return TypedResults.Json(new JsonObject { ["name"] = id });
    }
}
