using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.Objects;

internal sealed record CopyMetadataRequest(string? CacheControl, string? Mimetype);

internal sealed record CopyObjectRequest(
    string? BucketId, string? SourceKey, string? DestinationKey, string? DestinationBucket, CopyMetadataRequest? Metadata, bool? CopyMetadata);

internal sealed class CopyObject(StorageCallers callers, ObjectReader reader, ObjectWriter writer, StagingArea staging)
{
    private const string Operation = "storage.object.copy";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/object/copy", (HttpContext context, CopyObject slice) => slice.HandleAsync(context));

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        var caller = await callers.RequireAsync(context);
        var request = await StorageBody.ReadAsync<CopyObjectRequest>(context.Request);
        var bucket = request.BucketId ?? throw StorageBody.Missing("bucketId");
        var source = request.SourceKey ?? throw StorageBody.Missing("sourceKey");
        var key = StorageNames.RequireKey(request.DestinationKey ?? throw StorageBody.Missing("destinationKey"));
        var target = await writer.RequireBucketAsync(request.DestinationBucket ?? bucket, context.RequestAborted);

        var (row, file) = await reader.OpenAsync(() => reader.RequireAsync(caller, context, Operation, bucket, source), context.RequestAborted);
        await using (file)
        {
            var mimeType = request.Metadata?.Mimetype is { Length: > 0 } type ? UploadBody.CheckedMimeType(type) : row.MimeType;
            var cacheControl = request.Metadata?.CacheControl is { Length: > 0 } cache ? UploadBody.PrintableOrNoCache(cache) : row.CacheControl;
            var userMetadata = request.CopyMetadata == false ? UploadBody.MetadataFromHeader(context.Request) : row.UserMetadata;
            writer.CheckFits(target, mimeType, row.Size);
            var draft = new ObjectDraft(target.Id, key, caller, UploadObject.AsksToReplace(context.Request));
            await writer.TryAsync(draft, mimeType, row.Size, userMetadata, context, Operation);

            await using var staged = await staging.ReceiveAsync(file, long.MaxValue, context.RequestAborted);
            var stored = await writer.StoreAsync(draft, staged, new ContentFacts(mimeType, cacheControl, userMetadata));
            var answer = stored.ToJson();
            answer["Id"] = stored.Id.ToString();
            answer["Key"] = $"{target.Id}/{key}";
            return TypedResults.Json<JsonObject>(answer);
        }
    }
}
