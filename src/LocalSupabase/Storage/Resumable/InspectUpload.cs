using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Platform.LocalSupabase.Storage.Files;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>Tells how far an upload is, and gives one up.</summary>
internal sealed class InspectUpload(TusCallers callers, WriteUpload write, UploadStore store, UploadLocks locks, StagingArea staging)
{
    /// <summary>Needs no permission: whoever knows the id began the upload.</summary>
    public async Task<StatusCodeHttpResult> LookAsync(HttpContext context, string id)
    {
        TusProtocol.RequireVersion(context.Request);
        var upload = await write.RequireAsync(TusProtocol.ParseId(id), context.RequestAborted);
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers["Upload-Metadata"] = upload.Metadata;
        if (upload.Length is { } length)
        {
            headers["Upload-Length"] = length.ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            headers["Upload-Defer-Length"] = "1";
        }

        TusProtocol.WriteState(context.Response, upload);
        return TypedResults.StatusCode(StatusCodes.Status200OK);
    }

    public async Task<NoContent> TerminateAsync(HttpContext context, string id)
    {
        TusProtocol.RequireVersion(context.Request);
        var key = TusProtocol.ParseId(id);
        await callers.AuthorizeAsync(context, await write.RequireAsync(key, context.RequestAborted));
        using var held = await locks.TakeAsync(key, context.RequestAborted);
        var upload = await write.RequireAsync(key, context.RequestAborted);
        if (upload.Completed)
        {
            throw new StorageException(400, "TusError", "TusError", "A finished upload cannot be terminated");
        }

        // The row first: a file without a row is found by a sweep, a row without its file would ask for bytes that were confirmed.
        await store.RemoveAsync(key);
        File.Delete(staging.UploadPathOf(key));
        return TypedResults.NoContent();
    }
}
