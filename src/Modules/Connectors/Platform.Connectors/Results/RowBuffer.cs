using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.Connectors.Results;

/// <summary>
/// Rows as JSON text, bounded in number and bytes. A row is written aside first, so that one that does not fit leaves no trace.
/// </summary>
internal sealed class RowBuffer : IDisposable
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        // The text goes into JSON documents only, never into HTML; the default would escape every letter beyond ASCII.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _rows = new(4096);
    private readonly ArrayBufferWriter<byte> _row = new(512);
    private readonly Utf8JsonWriter _writer;
    private readonly int _maxRows;
    private readonly int _maxBytes;
    private readonly bool _lines;

    private RowBuffer(int maxRows, int maxBytes, bool lines)
    {
        (_maxRows, _maxBytes, _lines) = (maxRows, maxBytes, lines);
        _writer = new Utf8JsonWriter(_row, WriterOptions);
        if (!lines)
        {
            _rows.Write("["u8);
        }
    }

    public int Count { get; private set; }

    /// <summary>Whether a row was refused.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The bytes that one more row may have.</summary>
    public int RemainingBytes => Math.Max(0, _maxBytes - _rows.WrittenCount);

    /// <summary>For results: <c>[[…],[…]]</c>.</summary>
    public static RowBuffer ForArray(int maxRows, int maxBytes) => new(maxRows, maxBytes, lines: false);

    /// <summary>For streams: a row a line.</summary>
    public static RowBuffer ForLines(int maxRows, int maxBytes) => new(maxRows, maxBytes, lines: true);

    public bool IsFull => Truncated || (_lines && (Count >= _maxRows || _rows.WrittenCount >= _maxBytes));

    /// <summary>Where the row's JSON goes; follow it by <see cref="TryAddRow"/>.</summary>
    public Utf8JsonWriter BeginRow()
    {
        _row.ResetWrittenCount();
        _writer.Reset(_row);
        return _writer;
    }

    /// <summary>Keeps the row that was begun, or marks the rows as truncated.</summary>
    public bool TryAddRow()
    {
        _writer.Flush();
        // A stream's batch ends behind the row that fills it; a result refuses that row.
        if (!_lines && (Count >= _maxRows || _rows.WrittenCount + _row.WrittenCount + 2 > _maxBytes))
        {
            Truncated = true;
            return false;
        }

        if (!_lines && Count > 0)
        {
            _rows.Write(","u8);
        }

        _rows.Write(_row.WrittenSpan);
        if (_lines)
        {
            _rows.Write("\n"u8);
        }

        Count++;
        return true;
    }

    public void MarkTruncated() => Truncated = true;

    /// <summary>The JSON array of a result.</summary>
    public ReadOnlyMemory<byte> CloseArray()
    {
        _rows.Write("]"u8);
        return _rows.WrittenMemory;
    }

    /// <summary>The lines so far; the buffer is empty afterwards and the memory is valid until the next row.</summary>
    public byte[] TakeLines()
    {
        var lines = _rows.WrittenSpan.ToArray();
        _rows.ResetWrittenCount();
        Count = 0;
        return lines;
    }

    public void Dispose() => _writer.Dispose();
}
