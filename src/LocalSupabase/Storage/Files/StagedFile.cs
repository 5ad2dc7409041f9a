namespace Platform.LocalSupabase.Storage.Files;

/// <summary>A file that is on disk in full and that no row refers to yet. Disposing it takes it away, unless it was kept.</summary>
internal sealed class StagedFile(FileStore store, Guid version, long size, string hash) : IDisposable
{
    private bool _kept;

    public Guid Version { get; } = version;

    public long Size { get; } = size;

    /// <summary>SHA-256 of the content in hexadecimal.</summary>
    public string Hash { get; } = hash;

    public void Publish() => store.Publish(Version);

    /// <summary>A row refers to the file: it stays.</summary>
    public void Keep() => _kept = true;

    public void Dispose()
    {
        if (!_kept)
        {
            store.Delete(Version);
        }
    }
}
