using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Platform.LocalSupabase.Storage.Files;
using Platform.LocalSupabase.Storage.Objects;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>
/// Takes bytes of an upload. They count once they are on disk and the row says so; whatever a crash leaves beyond that is written
/// over. The last bytes and the object become visible in one transaction.
/// </summary>
internal sealed class WriteUpload(TusCallers callers, ObjectWriter writer, UploadStore store, UploadLocks locks, StagingArea staging)
{
    // A crash costs at most this much of a long request.
    private const long Stretch = 16L * 1024 * 1024;

    public async Task<NoContent> HandleAsync(HttpContext context, string id)
    {
        TusProtocol.RequireVersion(context.Request);
        if (context.Request.ContentType != TusProtocol.ContentType)
        {
            throw new StorageException(415, "TusError", "TusError", $"Content-Type must be {TusProtocol.ContentType}");
        }

        var offset = TusProtocol.Number(context.Request, "Upload-Offset")
            ?? throw StorageException.InvalidRequest("Upload-Offset is missing");
        var key = TusProtocol.ParseId(id);
        var draft = await callers.AuthorizeAsync(context, await RequireAsync(key, context.RequestAborted));
        using var held = await locks.TakeAsync(key, context.RequestAborted);
        var upload = WithLength(context.Request, await RequireAsync(key, context.RequestAborted));
        if (offset != upload.Offset)
        {
            throw new StorageException(409, "TusError", "TusError", $"Upload-Offset must be {upload.Offset}");
        }

        TusProtocol.WriteState(context.Response, await AppendLockedAsync(context, draft, upload));
        return TypedResults.NoContent();
    }

    /// <summary>The first bytes, with the request that creates the upload.</summary>
    public async Task<ResumableUpload> AppendAsync(HttpContext context, ObjectDraft draft, ResumableUpload upload)
    {
        using var held = await locks.TakeAsync(upload.Id, context.RequestAborted);
        return await AppendLockedAsync(context, draft, upload);
    }

    /// <summary>The row, with an offset that the file bears out: a crash while the object was made takes the file away.</summary>
    public async Task<ResumableUpload> RequireAsync(Guid id, CancellationToken cancellationToken)
    {
        var upload = await store.FindAsync(id, cancellationToken) ?? throw TusProtocol.NoSuchUpload();
        if (upload.Completed)
        {
            return upload;
        }

        var file = new FileInfo(staging.UploadPathOf(id));
        return upload with { Offset = Math.Min(upload.Offset, file.Exists ? file.Length : 0) };
    }

    private static ResumableUpload WithLength(HttpRequest request, ResumableUpload upload)
    {
        var length = TusProtocol.Number(request, "Upload-Length");
        return length is null || length == upload.Length ? upload
            : upload.Length is null && length >= upload.Offset ? upload with { Length = length }
            : throw StorageException.InvalidRequest("Upload-Length cannot change");
    }

    private async Task<ResumableUpload> AppendLockedAsync(HttpContext context, ObjectDraft draft, ResumableUpload upload)
    {
        if (upload.Completed)
        {
            return upload;
        }

        var bucket = await writer.RequireBucketAsync(upload.Bucket, context.RequestAborted);
        var limit = Math.Min(upload.Length ?? long.MaxValue, writer.LimitOf(bucket));
        if (upload.Length > limit || upload.Offset + (context.Request.ContentLength ?? 0) > limit)
        {
            throw StorageException.TooLarge();
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = null;
        }

        upload = await ReceiveAsync(context, upload, limit);
        return upload.Offset == upload.Length ? await FinishAsync(draft, upload) : upload;
    }

    private async Task<ResumableUpload> ReceiveAsync(HttpContext context, ResumableUpload upload, long limit)
    {
        using var checksum = UploadChecksum.Of(context.Request);
        await using var file = new FileStream(
            staging.UploadPathOf(upload.Id), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        file.SetLength(upload.Offset);
        file.Seek(0, SeekOrigin.End);
        var confirmed = upload;
        try
        {
            while (true)
            {
                using var sink = new FileSink(file, checksum is null ? null : checksum.Hash.AppendData);
                var stretch = checksum is null ? new LimitedStream(context.Request.Body, Stretch) : null;
                await sink.CopyAsync(stretch ?? context.Request.Body, limit - confirmed.Offset, context.RequestAborted);
                if (stretch is not { IsUsedUp: true })
                {
                    break;
                }

                confirmed = await ConfirmAsync(file, confirmed);
            }

            checksum?.Check();
        }
        catch (Exception exception) when (checksum is null && exception is not StorageException)
        {
            // The client hung up: what came before counts.
            await ConfirmAsync(file, confirmed);
            throw;
        }

        return await ConfirmAsync(file, confirmed);
    }

    private async Task<ResumableUpload> ConfirmAsync(FileStream file, ResumableUpload upload)
    {
        file.Flush(flushToDisk: true);
        var confirmed = upload with { Offset = file.Position };
        if (confirmed.Offset != confirmed.Length)
        {
            // The last bytes are confirmed by the object itself: a client that sees them confirmed takes the object for made.
            await store.MoveAsync(confirmed);
        }

        return confirmed;
    }

    private async Task<ResumableUpload> FinishAsync(ObjectDraft draft, ResumableUpload upload)
    {
        var content = upload.Facts.Content;
        await using var file = await staging.TakeAsync(upload.Id, CancellationToken.None);
        await writer.StoreAsync(draft, file, content, connection => UploadStore.CompleteAsync(connection, upload));
        return upload with { Completed = true };
    }
}
