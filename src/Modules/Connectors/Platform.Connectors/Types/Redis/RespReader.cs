using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Platform.Connectors.Types.Redis;

/// <summary>
/// Reads replies of RESP2 (the Redis serialization protocol) within bounds. What lies beyond them stays unread, so that a huge value costs
/// no memory here; the connection is of no use afterwards.
/// </summary>
internal sealed class RespReader(Stream stream)
{
    private const int MaxDepth = 8;
    private const int MaxLineBytes = 64 * 1024;
    private readonly PipeReader _reader = PipeReader.Create(stream);
    private long _items;
    private long _bytes;

    /// <summary>Whether a reply was longer than its bounds.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads one reply.</summary>
    /// <param name="maxItems">The most values in lists.</param>
    /// <param name="maxBytes">The most bytes of text.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public ValueTask<RespValue> ReadAsync(long maxItems, long maxBytes, CancellationToken cancellationToken)
    {
        (_items, _bytes) = (maxItems, maxBytes);
        return ReadValueAsync(depth: 0, cancellationToken);
    }

    private async ValueTask<RespValue> ReadValueAsync(int depth, CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        if (line.Length == 0)
        {
            throw Malformed();
        }

        var text = line[1..];
        return line[0] switch
        {
            (byte)'+' => new RespValue(text),
            (byte)'-' => new RespValue(text, IsError: true),
            (byte)':' => new RespValue(null, Number: NumberOf(text)),
            (byte)'$' => await ReadTextAsync(NumberOf(text), cancellationToken),
            (byte)'*' => await ReadListAsync(NumberOf(text), depth + 1, cancellationToken),
            _ => throw Malformed(),
        };
    }

    private async ValueTask<RespValue> ReadTextAsync(long length, CancellationToken cancellationToken)
    {
        if (length < 0)
        {
            return RespValue.Nothing;
        }

        if (length > _bytes)
        {
            IsCut = true;
            return RespValue.Nothing;
        }

        _bytes -= length;
        var bytes = await ReadBytesAsync((int)length + 2, cancellationToken);
        return new RespValue(bytes[..^2]);
    }

    private async ValueTask<RespValue> ReadListAsync(long count, int depth, CancellationToken cancellationToken)
    {
        if (count < 0)
        {
            return RespValue.Nothing;
        }

        if (depth > MaxDepth)
        {
            throw Malformed();
        }

        var items = new List<RespValue>();
        for (var index = 0L; index < count; index++)
        {
            if (_items-- <= 0)
            {
                IsCut = true;
            }

            var item = IsCut ? RespValue.Nothing : await ReadValueAsync(depth, cancellationToken);
            if (IsCut)
            {
                break;
            }

            items.Add(item);
        }

        return new RespValue(null, Items: items);
    }

    private async ValueTask<byte[]> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line is [.., (byte)'\r'] ? line[..^1] : throw Malformed();
            }

            if (read.Buffer.Length > MaxLineBytes)
            {
                throw Malformed();
            }

            ThrowAtEnd(read);
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private async ValueTask<byte[]> ReadBytesAsync(int length, CancellationToken cancellationToken)
    {
        var read = await _reader.ReadAtLeastAsync(length, cancellationToken);
        if (read.Buffer.Length < length)
        {
            ThrowAtEnd(read);
        }

        var bytes = read.Buffer.Slice(0, length).ToArray();
        _reader.AdvanceTo(read.Buffer.GetPosition(length));
        return bytes;
    }

    private static void ThrowAtEnd(ReadResult read)
    {
        if (read.IsCompleted)
        {
            throw new EndOfStreamException("The server closed the connection.");
        }
    }

    private static long NumberOf(byte[] text) =>
        long.TryParse(Encoding.ASCII.GetString(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Malformed();

    private static SourceException Malformed() => new(SourceFailure.DataInvalid, "The server does not speak the protocol of Redis.");
}
