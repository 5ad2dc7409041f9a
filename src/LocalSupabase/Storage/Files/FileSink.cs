using System.Buffers;
using System.Security.Cryptography;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Writes a stream to a file in constant memory. Small pieces, as they come from a socket, are gathered into large writes, and one
/// buffer is hashed and written while the other fills.
/// </summary>
internal sealed class FileSink(FileStream file, IncrementalHash? hash) : IAsyncDisposable
{
    private const int BufferSize = 512 * 1024;

    private byte[] _filling = ArrayPool<byte>.Shared.Rent(BufferSize);
    private byte[] _spare = ArrayPool<byte>.Shared.Rent(BufferSize);
    private Task _writing = Task.CompletedTask;

    /// <summary>Copies to the end of the stream; what came before an error is written all the same.</summary>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="StorageException">There are more than <paramref name="limit"/> bytes.</exception>
    public async Task<long> CopyAsync(Stream content, long limit, CancellationToken cancellationToken)
    {
        long size = 0;
        var used = 0;
        try
        {
            int read;
            while ((read = await content.ReadAsync(_filling.AsMemory(used, BufferSize - used), cancellationToken)) > 0)
            {
                (size, used) = (size + read, used + read);
                if (size > limit)
                {
                    throw StorageException.TooLarge();
                }

                if (used == BufferSize)
                {
                    await SwapAsync(used);
                    used = 0;
                }
            }
        }
        finally
        {
            await SwapAsync(used);
            await _writing;
        }

        return size;
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ArrayPool<byte>.Shared.Return(_filling);
        ArrayPool<byte>.Shared.Return(_spare);
    }

    private async Task SwapAsync(int used)
    {
        await _writing;
        (_filling, _spare) = (_spare, _filling);
        var full = _spare;
        _writing = used == 0 ? Task.CompletedTask : Task.Run(() =>
        {
            hash?.AppendData(full, 0, used);
            var offset = file.Position;
            file.Write(full, 0, used);
            // The disk works while the rest comes in, and the flush at the end has little left to do.
            LibC.BeginWriting(file.SafeFileHandle, offset, used);
        });
    }
}
