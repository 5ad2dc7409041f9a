namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Writes what comes in to a file in constant memory. Small pieces, as they come from a socket, are gathered into large writes. Those go
/// straight to the disk: the kernel's copy of a file that has to be on disk before anybody may read it costs as much as all the rest. While
/// one is written the server receives on. A small file takes a small buffer.
/// </summary>
internal sealed class FileSink(FileStream file, Action<ReadOnlySpan<byte>>? hash) : IDisposable
{
    private const int SmallSize = 64 * 1024;

    private readonly DirectAccess _direct = new(file.SafeFileHandle);
    private Memory<byte> _buffer = PageBuffers.Rent(SmallSize);
    private int _used;
    private long _position = file.Position;

    /// <summary>Copies to the end of a stream; what came before an error is written all the same.</summary>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="StorageException">There are more than <paramref name="limit"/> bytes.</exception>
    public async Task<long> CopyAsync(Stream content, long limit, CancellationToken cancellationToken)
    {
        long size = 0;
        try
        {
            int read;
            while ((read = await content.ReadAsync(_buffer[_used..], cancellationToken)) > 0)
            {
                (size, _used) = (size + read, _used + read);
                if (size > limit)
                {
                    throw StorageException.TooLarge();
                }

                if (_used == _buffer.Length && _used == SmallSize)
                {
                    Grow();
                }
                else if (_used == _buffer.Length)
                {
                    Write();
                }
            }
        }
        finally
        {
            Write();
        }

        return size;
    }

    public void Dispose() => PageBuffers.Return(_buffer);

    private void Grow()
    {
        var large = PageBuffers.Rent();
        _buffer.CopyTo(large);
        PageBuffers.Return(_buffer);
        _buffer = large;
    }

    private void Write()
    {
        var content = _buffer.Span[.._used];
        hash?.Invoke(content);
        _direct.Write(content, _position);
        (_position, _used) = (_position + content.Length, 0);
        file.Position = _position;
    }
}
