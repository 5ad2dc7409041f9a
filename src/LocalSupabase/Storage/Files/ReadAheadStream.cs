namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Reads a file in large pieces, the next one while the last is being sent. Answers are copied in pieces of 64 KiB, and each would be a
/// trip to the disk of its own. A large file that is read from its beginning goes past the kernel's page cache, which the database needs more.
/// </summary>
internal sealed class ReadAheadStream(FileStream file) : Stream
{
    private const long Large = 8 * 1024 * 1024;

    private readonly long _length = file.Length;
    private readonly DirectAccess? _direct = file.Length >= Large ? new(file.SafeFileHandle) : null;
    private long _position;
    private Memory<byte> _piece;
    private int _used;
    private int _filled;
    private Memory<byte> _nextPiece;
    private Task<int>? _next;
    private long _nextOffset;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_used == _filled && !await FillAsync())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _filled - _used);
        _piece.Slice(_used, count).CopyTo(buffer);
        (_used, _position) = (_used + count, _position + count);
        return count;
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        while (_used < _filled || await FillAsync())
        {
            var rest = _piece[_used.._filled];
            await destination.WriteAsync(rest, cancellationToken);
            (_used, _position) = (_filled, _position + rest.Length);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => _length + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        if (target != _position)
        {
            (_position, _used, _filled) = (target, 0, 0);
        }

        return _position;
    }

    public override async ValueTask DisposeAsync()
    {
        await (_next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        PageBuffers.Return(_piece);
        PageBuffers.Return(_nextPiece);
        (_piece, _nextPiece, _next) = (default, default, null);
        await file.DisposeAsync();
        await base.DisposeAsync();
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _next is null)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<bool> FillAsync()
    {
        if (_position >= _length)
        {
            return false;
        }

        if (_next is not null && _nextOffset != _position)
        {
            // It was sought elsewhere meanwhile.
            await _next;
            _next = null;
        }

        _filled = await (_next ?? BeginAsync(_position));
        (_piece, _nextPiece, _next, _used) = (_nextPiece, _piece, null, 0);
        if (_position + _filled < _length)
        {
            _next = BeginAsync(_position + _filled);
        }

        return _filled > 0;
    }

    private Task<int> BeginAsync(long offset)
    {
        if (_nextPiece.IsEmpty)
        {
            _nextPiece = PageBuffers.Rent(_length);
        }

        _nextOffset = offset;
        return _direct is null
            ? RandomAccess.ReadAsync(file.SafeFileHandle, _nextPiece, offset, CancellationToken.None).AsTask()
            : Task.Run(() => _direct.Read(_nextPiece.Span, offset));
    }
}
