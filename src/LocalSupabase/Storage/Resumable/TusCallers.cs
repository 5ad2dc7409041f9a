using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Storage.Objects;
using Platform.LocalSupabase.Storage.Signing;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>Who may write an upload: whoever may write the object, by a token or by a signed upload URL.</summary>
internal sealed class TusCallers(StorageCallers callers, ObjectWriter writer, SignedUploads signatures)
{
    private const string Operation = "storage.tus.upload.create";

    /// <summary>Checks the right to make or replace the object and gives the draft to write it with.</summary>
    public async Task<ObjectDraft> AuthorizeAsync(HttpContext context, UploadMetadata metadata, bool upsert, long? length)
    {
        if (IsSigned(context))
        {
            var (owner, mayReplace) = await signatures.VerifyAsync(
                context.Request.Headers["x-signature"].ToString(), metadata.Bucket, metadata.Key);
            return new ObjectDraft(metadata.Bucket, metadata.Key, StorageCaller.Anonymous with { Subject = owner }, mayReplace);
        }

        var draft = new ObjectDraft(metadata.Bucket, metadata.Key, await callers.RequireAsync(context), upsert);
        await writer.TryAsync(draft, metadata.Content.MimeType, length, metadata.Content.UserMetadata, context, Operation);
        return draft;
    }

    /// <summary>The right to go on with an upload: as above, and it must be one's own. To others it is not there.</summary>
    public async Task<ObjectDraft> AuthorizeAsync(HttpContext context, ResumableUpload upload)
    {
        var draft = await AuthorizeAsync(context, upload.Facts, upload.Upsert, upload.Length);
        return draft.Caller.Subject == upload.OwnerId || draft.Caller.Role == "service_role" ? draft : throw TusProtocol.NoSuchUpload();
    }

    public static bool IsSigned(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<BySignature>() is not null;
}

/// <summary>Marks the routes that take a signed upload token in place of a bearer token.</summary>
internal sealed class BySignature;
