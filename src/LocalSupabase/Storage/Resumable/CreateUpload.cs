using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>Begins an upload in parts, and takes the first bytes where they come along.</summary>
internal sealed class CreateUpload(
    TusCallers callers, ObjectWriter writer, UploadStore store, WriteUpload write, LocalSupabaseOptions options, TimeProvider clock)
{
    public async Task<StatusCodeHttpResult> HandleAsync(HttpContext context)
    {
        TusProtocol.RequireVersion(context.Request);
        var length = LengthOf(context.Request);
        var header = context.Request.Headers["Upload-Metadata"].ToString();
        var metadata = UploadMetadata.Parse(header);
        StorageNames.RequireKey(metadata.Key);
        var bucket = await writer.RequireBucketAsync(metadata.Bucket, context.RequestAborted);
        writer.CheckFits(bucket, metadata.Content.MimeType, length);
        var draft = await callers.AuthorizeAsync(context, metadata, UploadObject.AsksToReplace(context.Request), length);

        var now = clock.GetUtcNow();
        var upload = new ResumableUpload(
            Guid.CreateVersion7(now), metadata.Bucket, metadata.Key, draft.Caller.Subject, draft.Upsert, length, Offset: 0, header,
            Completed: false, now + TimeSpan.FromHours(options.Storage.ResumableHours));
        await store.AddAsync(upload, context.RequestAborted);
        var carriesBytes = context.Request.ContentType == TusProtocol.ContentType;
        if (carriesBytes || length == 0)
        {
            upload = await write.AppendAsync(context, draft, upload);
        }

        context.Response.Headers.Location = LocationOf(context, upload);
        TusProtocol.WriteState(context.Response, upload);
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }

    private static long? LengthOf(HttpRequest request)
    {
        var length = TusProtocol.Number(request, "Upload-Length");
        var deferred = request.Headers["Upload-Defer-Length"].ToString();
        return (length, deferred) switch
        {
            ({ } known, "") => known,
            (null, "1") => null,
            _ => throw StorageException.InvalidRequest("Either Upload-Length or Upload-Defer-Length: 1 must be sent"),
        };
    }

    // Where this client reached the service, which behind a proxy is not where the service listens.
    private static string LocationOf(HttpContext context, ResumableUpload upload)
    {
        var (request, kind) = (context.Request, TusCallers.IsSigned(context) ? "/sign" : "");
        return $"{request.Scheme}://{request.Host}{request.PathBase}/storage/v1/upload/resumable{kind}/{TusProtocol.IdOf(upload)}";
    }
}
