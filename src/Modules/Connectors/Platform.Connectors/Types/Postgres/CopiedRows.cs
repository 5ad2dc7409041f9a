using System.Text;
using System.Text.Unicode;

namespace Platform.Connectors.Types.Postgres;

/// <summary>
/// The bytes that <c>copy … to stdout (format csv)</c> sends, cut behind whole rows. The protocol does not promise that a message is a
/// row, and a quoted value may hold line ends, so quotes are counted.
/// </summary>
internal sealed class CopiedRows(int batchBytes, int maxRowBytes)
{
    private byte[] _buffer = new byte[batchBytes];
    private int _length;
    private int _scanned;
    private int _lastRow;
    private bool _quoted;

    /// <summary>How many whole rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>The length of the whole rows.</summary>
    public int Complete { get; private set; }

    public bool IsFull => Complete > 0 && _length >= batchBytes / 2;

    /// <summary>The whole rows; valid until <see cref="TakeRows"/>.</summary>
    public ReadOnlyMemory<byte> Rows => _buffer.AsMemory(0, Complete);

    /// <summary>Reads what has come.</summary>
    /// <returns>False at the end.</returns>
    public async ValueTask<bool> ReadAsync(Stream source, CancellationToken cancellationToken)
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await source.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
        _length += read;
        Scan();
        if (_length - Complete > maxRowBytes)
        {
            throw new SourceException(SourceFailure.QueryTooLarge, $"A row has more than {maxRowBytes >> 20} MB.");
        }

        return read > 0;
    }

    /// <summary>The first value of the last whole row, as text.</summary>
    public string ReadMark()
    {
        var row = _buffer.AsSpan(_lastRow, Complete - _lastRow);
        if (row[0] != (byte)'"')
        {
            return Encoding.UTF8.GetString(row[..row.IndexOf((byte)',')]);
        }

        var end = row.IndexOf("\","u8);
        while (QuotesBefore(row, end) % 2 != 0)
        {
            end += 1 + row[(end + 1)..].IndexOf("\","u8);
        }

        return Encoding.UTF8.GetString(row[1..end]).Replace("\"\"", "\"", StringComparison.Ordinal);
    }

    /// <summary>Replaces what is no UTF-8, which a database of the encoding SQL_ASCII may send.</summary>
    public ReadOnlyMemory<byte> ValidRows() =>
        Utf8.IsValid(Rows.Span) ? Rows : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Rows.Span));

    /// <summary>Forgets the whole rows.</summary>
    public void TakeRows()
    {
        _buffer.AsSpan(Complete, _length - Complete).CopyTo(_buffer);
        (_length, _scanned) = (_length - Complete, _scanned - Complete);
        (Complete, Count, _lastRow) = (0, 0, 0);
    }

    // The quotes of the value itself are doubled, so the closing one has an even number of quotes between it and the opening one.
    private static int QuotesBefore(ReadOnlySpan<byte> row, int end) => row[1..end].Count((byte)'"');

    private void Scan()
    {
        var fresh = _buffer.AsSpan(0, _length);
        while (_scanned < _length)
        {
            var next = fresh[_scanned..].IndexOfAny((byte)'"', (byte)'\n');
            if (next < 0)
            {
                _scanned = _length;
                return;
            }

            _scanned += next + 1;
            if (fresh[_scanned - 1] == (byte)'"')
            {
                _quoted = !_quoted;
            }
            else if (!_quoted)
            {
                (_lastRow, Complete) = (Complete, _scanned);
                Count++;
            }
        }
    }
}
