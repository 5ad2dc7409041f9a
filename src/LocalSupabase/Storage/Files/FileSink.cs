using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Writes what comes in to a file in constant memory. Small pieces, as they come from a socket, are gathered into large writes, and what
/// follows comes in while one is hashed and written.
/// </summary>
internal sealed class FileSink(FileStream file, IncrementalHash? hash) : IAsyncDisposable
{
    private const int BufferSize = 512 * 1024;

    private byte[] _filling = [];
    private byte[] _spare = [];
    private Task _writing = Task.CompletedTask;
    private long _position = file.Position;

    /// <summary>Copies the body of a request where it lies, while the server receives on.</summary>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="StorageException">There are more than <paramref name="limit"/> bytes.</exception>
    public async Task<long> CopyAsync(PipeReader content, long limit, CancellationToken cancellationToken)
    {
        long size = 0;
        while (true)
        {
            var result = await content.ReadAtLeastAsync(BufferSize, cancellationToken);
            size += result.Buffer.Length;
            if (size > limit)
            {
                content.AdvanceTo(result.Buffer.Start);
                throw StorageException.TooLarge();
            }

            await WriteAsync(result.Buffer);
            content.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return size;
            }
        }
    }

    /// <summary>Copies to the end of a stream; what came before an error is written all the same.</summary>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="StorageException">There are more than <paramref name="limit"/> bytes.</exception>
    public async Task<long> CopyAsync(Stream content, long limit, CancellationToken cancellationToken)
    {
        (_filling, _spare) = (ArrayPool<byte>.Shared.Rent(BufferSize), ArrayPool<byte>.Shared.Rent(BufferSize));
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
        foreach (var buffer in new[] { _filling, _spare }.Where(buffer => buffer.Length > 0))
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SwapAsync(int used)
    {
        await _writing;
        (_filling, _spare) = (_spare, _filling);
        var full = _spare;
        _writing = used == 0 ? Task.CompletedTask : Task.Run(() => WriteAsync(new ReadOnlySequence<byte>(full, 0, used)));
    }

    // To hash takes as long as to write: each has a core where there are two.
    private async Task WriteAsync(ReadOnlySequence<byte> content)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        foreach (var piece in content)
        {
            pieces.Add(piece);
        }

        var hashing = hash is null ? Task.CompletedTask : Task.Run(() => pieces.ForEach(piece => hash.AppendData(piece.Span)));
        try
        {
            RandomAccess.Write(file.SafeFileHandle, pieces, _position);
            // The disk works while the rest comes in, and the flush at the end has little left to do.
            LibC.BeginWriting(file.SafeFileHandle, _position, content.Length);
        }
        finally
        {
            await hashing;
        }

        _position += content.Length;
        file.Position = _position;
    }
}
