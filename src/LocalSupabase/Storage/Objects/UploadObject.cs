using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed class UploadObject(StorageCallers callers, ObjectWriter writer, FileStore files)
{
    private const int Prefix = 3;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/object/{bucket}/{**key}", (HttpContext context, UploadObject slice) =>
            slice.HandleAsync(context, "storage.object.upload", AsksToReplace(context.Request)));
        routes.MapPut("/object/{bucket}/{**key}", (HttpContext context, UploadObject slice) =>
            slice.HandleAsync(context, "storage.object.upload_update", upsert: true));
    }

    public static bool AsksToReplace(HttpRequest request) =>
        request.Headers["x-upsert"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase);

    private async Task<IResult> HandleAsync(HttpContext context, string operation, bool upsert)
    {
        var caller = await callers.RequireAsync(context);
        var (bucketName, key) = StorageNames.Of(context, Prefix);
        StorageNames.RequireKey(key);
        var bucket = await writer.RequireBucketAsync(bucketName, context.RequestAborted);

        // The server's own limit is made for small requests; the limit here is checked byte by byte.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }

        var body = await UploadBody.OpenAsync(context.Request);
        writer.CheckFits(bucket, body.MimeType, body.Length);
        var draft = new ObjectDraft(bucket.Id, key, caller, upsert);
        await writer.TryAsync(draft, body.MimeType, body.Length, body.UserMetadata, context, operation);

        using var file = await files.ReceiveAsync(body.Content, writer.LimitOf(bucket), context.RequestAborted);
        await body.FinishAsync();
        writer.CheckFits(bucket, body.MimeType, body.Length);
        var stored = await writer.StoreAsync(draft, file, body.MimeType, body.CacheControl, body.UserMetadata);
        return TypedResults.Json(new JsonObject { ["Id"] = stored.Id.ToString(), ["Key"] = $"{bucket.Id}/{key}" });
    }
}
