using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>Writes a <see cref="RowsFile"/>.</summary>
internal sealed class RowsWriter(string path) : IDisposable
{
    private const byte Quote = (byte)'"';
    private static readonly SearchValues<byte> Special = SearchValues.Create(",\"\r\n"u8);
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    private readonly ArrayBufferWriter<byte> _pending = new(256 * 1024);
    private int _rowStart;

    public long Rows { get; private set; }

    public int LongestRow { get; private set; }

    public void Begin(long place)
    {
        _rowStart = _pending.WrittenCount;
        Utf8Formatter.TryFormat(place, _pending.GetSpan(24), out var written);
        _pending.Advance(written);
    }

    public void AddNull() => _pending.Write(","u8);

    public void Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    public void Add(ReadOnlySpan<byte> cell)
    {
        _pending.Write(","u8);
        if (cell.Length > 0 && cell.IndexOfAny(Special) < 0)
        {
            _pending.Write(cell);
            return;
        }

        _pending.Write("\""u8);
        while (cell.IndexOf(Quote) is >= 0 and var at)
        {
            _pending.Write(cell[..(at + 1)]);
            _pending.Write("\""u8);
            cell = cell[(at + 1)..];
        }

        _pending.Write(cell);
        _pending.Write("\""u8);
    }

    public void End()
    {
        _pending.Write("\n"u8);
        Rows++;
        LongestRow = Math.Max(LongestRow, _pending.WrittenCount - _rowStart);
        if (_pending.WrittenCount > 128 * 1024)
        {
            Flush();
        }
    }

    public void Dispose()
    {
        Flush();
        _file.Dispose();
    }

    private void Flush()
    {
        _file.Write(_pending.WrittenSpan);
        _pending.ResetWrittenCount();
    }
}
