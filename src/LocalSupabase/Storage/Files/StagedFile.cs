using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Storage.BackEnds;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>A file that is on the local disk in full and that no row refers to yet. Disposing it takes it away, unless it was kept.</summary>
internal sealed class StagedFile(IObjectBackEnd backEnd, Guid version, string path, long size, string hash, ILogger logger) : IAsyncDisposable
{
    private bool _published;
    private bool _kept;

    public Guid Version { get; } = version;

    /// <summary>In bytes.</summary>
    public long Size { get; } = size;

    /// <summary>XXH128 of the content in hexadecimal.</summary>
    public string Hash { get; } = hash;

    /// <summary>The local file is that of an upload in parts, which may be tried again as long as it was not published.</summary>
    public bool IsResumable { get; init; }

    /// <summary>Hands the file to the back end.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        _published = true;
        await backEnd.PublishAsync(Version, path, cancellationToken);
    }

    /// <summary>A row refers to the file, or may: it stays.</summary>
    public void Keep() => _kept = true;

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!IsResumable || _published)
            {
                File.Delete(path);
            }

            if (_published && !_kept)
            {
                await backEnd.DeleteAsync(Version, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // No row refers to it, so trouble here costs space and nothing else. A sweep finds it.
            logger.FileNotDeleted(exception, Version);
        }
    }
}
