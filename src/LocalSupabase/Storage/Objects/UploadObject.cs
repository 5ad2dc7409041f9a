using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Storage.Buckets;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed class UploadObject(StorageCallers callers, ObjectWriter writer, StagingArea staging)
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

    /// <summary>Takes the request's body for an object that the caller may write.</summary>
    /// <param name="context">The request.</param>
    /// <param name="bucket">The bucket of the draft.</param>
    /// <param name="draft">What is written.</param>
    /// <param name="tryFirst">The operation to ask the policies for before the body is read; null when that was done.</param>
    public async Task<StoredObject> ReceiveAsync(HttpContext context, Bucket bucket, ObjectDraft draft, string? tryFirst)
    {
        // The server's own limit is made for small requests; the limit here is checked byte by byte.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }

        var body = await UploadBody.OpenAsync(context.Request);
        writer.CheckFits(bucket, body.MimeType, body.Length);
        if (tryFirst is not null)
        {
            await writer.TryAsync(draft, body.MimeType, body.Length, body.UserMetadata, context, tryFirst);
        }

        await using var file = await staging.ReceiveAsync(body.Content, writer.LimitOf(bucket), context.RequestAborted);
        await body.FinishAsync();
        writer.CheckFits(bucket, body.MimeType, body.Length);
        return await writer.StoreAsync(draft, file, body.Facts);
    }

    private async Task<IResult> HandleAsync(HttpContext context, string operation, bool upsert)
    {
        var caller = await callers.RequireAsync(context);
        var (bucketName, key) = StorageNames.Of(context, Prefix);
        StorageNames.RequireKey(key);
        var bucket = await writer.RequireBucketAsync(bucketName, context.RequestAborted);
        var stored = await ReceiveAsync(context, bucket, new ObjectDraft(bucket.Id, key, caller, upsert), operation);
        return TypedResults.Json(new JsonObject { ["Id"] = stored.Id.ToString(), ["Key"] = $"{bucket.Id}/{key}" });
    }
}
