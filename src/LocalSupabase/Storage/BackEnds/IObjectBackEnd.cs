namespace Platform.LocalSupabase.Storage.BackEnds;

/// <summary>
/// Keeps the bytes of objects. A file is named by the id of one version of an object and by nothing that a client chose; it is there in
/// full or not at all, and never changes.
/// </summary>
internal interface IObjectBackEnd
{
    /// <summary>Whether nobody but this process writes here, so that what is older than the process has no writer.</summary>
    bool IsPrivate { get; }

    /// <summary>Takes over a file that is on the local disk in full. When it returns, no crash or power cut loses the file.</summary>
    /// <param name="version">Names the file.</param>
    /// <param name="path">The local file, which is gone afterwards, or is the caller's to delete.</param>
    /// <param name="cancellationToken">Gives up; the file may have been taken over all the same.</param>
    Task PublishAsync(Guid version, string path, CancellationToken cancellationToken);

    /// <summary>A stream that can seek, or null when there is no such file. Bytes already open can be read to their end.</summary>
    Task<Stream?> OpenReadAsync(Guid version, CancellationToken cancellationToken);

    Task<bool> ExistsAsync(Guid version, CancellationToken cancellationToken);

    /// <summary>Takes a file away; no trouble when there is none.</summary>
    Task DeleteAsync(Guid version, CancellationToken cancellationToken);

    /// <summary>The files of one part of the store, see <see cref="FileNames"/>.</summary>
    IAsyncEnumerable<KeptFile> ListAsync(string part, CancellationToken cancellationToken);
}

/// <summary>A file of the store. One whose name is no version was put there by somebody else.</summary>
/// <param name="Name">The file's own name.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ModifiedAt">When it was written.</param>
internal sealed record KeptFile(string Name, long Size, DateTimeOffset ModifiedAt)
{
    public Guid? Version => Guid.TryParseExact(Name, "N", out var version) ? version : null;
}
