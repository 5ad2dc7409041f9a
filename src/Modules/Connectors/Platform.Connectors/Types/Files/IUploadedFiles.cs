namespace Platform.Connectors.Types.Files;

/// <summary>Files that people uploaded; they lie in Storage.</summary>
internal interface IUploadedFiles
{
    /// <summary>What is known of an upload of the connector's owner, or null if they have no such upload.</summary>
    Task<UploadedFile?> FindAsync(Guid ownerId, Guid uploadId, CancellationToken cancellationToken);

    /// <summary>Writes the file's bytes.</summary>
    Task CopyToAsync(UploadedFile file, Stream target, CancellationToken cancellationToken);
}

internal sealed record UploadedFile(Guid Id, string Name, long Bytes, string Sha256, string StoragePath);
