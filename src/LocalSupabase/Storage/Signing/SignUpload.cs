using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Http;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Signing;

/// <summary>Makes URLs that write one object without a header, and takes the uploads. Whoever may write may hand out the right to write.</summary>
internal sealed class SignUpload(
    StorageCallers callers, ObjectWriter writer, UploadObject upload, SignedUrls urls, SignedUploads signatures)
{
    private const int Prefix = 5;
    private const string Route = "/object/upload/sign";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Route + "/{bucket}/{**key}", (HttpContext context, SignUpload slice) => slice.SignAsync(context));
        routes.MapPut(Route + "/{bucket}/{**key}", (HttpContext context, SignUpload slice) => slice.UploadAsync(context))
            .WithMetadata(new WithoutApiKey());
    }

    private async Task<IResult> SignAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var (bucketName, key) = StorageNames.Of(context, Prefix);
        StorageNames.RequireKey(key);
        var bucket = await writer.RequireBucketAsync(bucketName, context.RequestAborted);
        var draft = new ObjectDraft(bucket.Id, key, caller, UploadObject.AsksToReplace(context.Request));
        await writer.TryAsync(
            draft, UploadBody.DefaultMimeType, null, UploadBody.MetadataFromHeader(context.Request), context, "storage.object.sign_upload_url");
        var token = urls.Sign(
            bucket.Id, key, SignedUrls.Upload, Lifetime, ("owner", caller.Subject), ("upsert", draft.Upsert));
        return TypedResults.Json(new JsonObject { ["url"] = SignedUrls.Url(Route, bucket.Id, key, token), ["token"] = token });
    }

    private async Task<IResult> UploadAsync(HttpContext context)
    {
        var (bucketName, key) = StorageNames.Of(context, Prefix);
        var (owner, upsert) = await signatures.VerifyAsync(context.Request.Query["token"].ToString(), bucketName, key);
        var bucket = await writer.RequireBucketAsync(bucketName, context.RequestAborted);
        var draft = new ObjectDraft(bucket.Id, key, StorageCaller.Anonymous with { Subject = owner }, upsert);
        await upload.ReceiveAsync(context, bucket, draft, tryFirst: null);
        return TypedResults.Json(new JsonObject { ["Key"] = $"{bucket.Id}/{key}" });
    }
}
