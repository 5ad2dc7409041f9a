using System.Collections.Concurrent;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>One writer for each upload. The files grow on this machine's disk, so a lock in this process is enough.</summary>
internal sealed class UploadLocks
{
    // Long enough for the request of a client that hung up to notice, and to put on disk what came.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<Guid, Guid> _holders = new();

    /// <exception cref="StorageException">Somebody else goes on writing.</exception>
    public async Task<IDisposable> TakeAsync(Guid upload, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            if (_holders.TryAdd(upload, upload))
            {
                return new Held(this, upload);
            }

            if (waited >= Patience)
            {
                throw new StorageException(423, "ResourceLocked", "ResourceLocked", "Another request is writing to this upload");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private sealed class Held(UploadLocks locks, Guid upload) : IDisposable
    {
        public void Dispose() => locks._holders.TryRemove(upload, out _);
    }
}
