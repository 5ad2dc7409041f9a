using System.Buffers;
using System.Globalization;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>
/// The rows of a delimited file, one at a time, in memory of the longest row. Lines end with a line feed, a carriage return or both; spaces
/// around a quoted cell are no part of it.
/// </summary>
/// <param name="stream">UTF-8.</param>
/// <param name="dialect">How cells are told apart.</param>
/// <param name="isSample">Whether the file goes on behind the stream's end, so that what is cut off there is no row.</param>
internal sealed class CsvTokenizer(Stream stream, CsvDialect dialect, bool isSample = false)
{
    /// <summary>The longest row.</summary>
    public const int MaxRowBytes = 16 * 1024 * 1024;

    /// <summary>The most cells of a row.</summary>
    public const int MaxCells = 5000;

    private const byte LineFeed = (byte)'\n';
    private const byte Return = (byte)'\r';
    private const byte Space = (byte)' ';

    private readonly SearchValues<byte> _ends = SearchValues.Create([dialect.Delimiter, Return, LineFeed]);
    private readonly SearchValues<byte> _quotes = SearchValues.Create([dialect.Quote, dialect.Escape]);
    private readonly List<Cell> _cells = [];
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private bool _ended;
    private long _nextLine = 1;

    private enum Step
    {
        Cell,
        Row,
        More,
    }

    /// <summary>The line that the row begins with.</summary>
    public long Line { get; private set; } = 1;

    public int Count => _cells.Count;

    /// <summary>Whether the row is an empty line.</summary>
    public bool IsBlank => _cells is [{ Length: 0, IsQuoted: false }];

    /// <summary>A cell of the row; valid until the next row is read.</summary>
    public ReadOnlySpan<byte> this[int ordinal] => _buffer.AsSpan(_cells[ordinal].Start, _cells[ordinal].Length);

    public bool IsQuoted(int ordinal) => _cells[ordinal].IsQuoted;

    /// <summary>Passes over lines, whatever they hold.</summary>
    public void SkipLines(int lines)
    {
        for (var left = lines; left > 0;)
        {
            if (_start == _end && !Fill())
            {
                return;
            }

            var at = _buffer.AsSpan(_start, _end - _start).IndexOf(LineFeed);
            _start = at < 0 ? _end : _start + at + 1;
            left -= at < 0 ? 0 : 1;
            _nextLine += at < 0 ? 0 : 1;
        }
    }

    /// <returns>Whether there is another row.</returns>
    public bool Read()
    {
        while (_start < _end || Fill())
        {
            Line = _nextLine;
            if (TryReadRow())
            {
                return true;
            }

            if (_ended)
            {
                return isSample ? false : throw Invalid(Line, "opens a quote that is never closed");
            }

            Fill();
        }

        return false;
    }

    private bool TryReadRow()
    {
        _cells.Clear();
        var at = _start;
        while (true)
        {
            var step = IsQuote(at, out var quote) ? ReadQuoted(quote, ref at) : ReadPlain(ref at);
            if (step == Step.More)
            {
                return false;
            }

            if (step == Step.Row)
            {
                _start = at;
                Unescape();
                return true;
            }
        }
    }

    private bool IsQuote(int at, out int quote)
    {
        quote = at;
        if (dialect.Quote == 0)
        {
            return false;
        }

        while (quote < _end && _buffer[quote] == Space && dialect.Delimiter != Space)
        {
            quote++;
        }

        return quote < _end && _buffer[quote] == dialect.Quote;
    }

    private Step ReadPlain(ref int at)
    {
        var length = _buffer.AsSpan(at, _end - at).IndexOfAny(_ends);
        if (length < 0)
        {
            if (!_ended || isSample)
            {
                return Step.More;
            }

            length = _end - at;
        }

        var start = at;
        at += length;
        return EndCell(new Cell(start, length, IsQuoted: false, IsEscaped: false), ref at);
    }

    private Step ReadQuoted(int quote, ref int at)
    {
        var (next, isEscaped) = (quote + 1, false);
        while (true)
        {
            var length = _buffer.AsSpan(next, _end - next).IndexOfAny(_quotes);
            if (length < 0)
            {
                return Step.More;
            }

            next += length;
            var value = _buffer[next];
            if (next + 1 == _end && !_ended)
            {
                return Step.More;
            }

            var following = next + 1 < _end ? _buffer[next + 1] : (byte)0;
            var escapes = dialect.Escape == dialect.Quote
                ? following == dialect.Quote
                : value == dialect.Escape && (following == dialect.Quote || following == dialect.Escape);
            if (escapes)
            {
                isEscaped = true;
                next += 2;
            }
            else if (value == dialect.Quote)
            {
                break;
            }
            else
            {
                next++;
            }
        }

        var cell = new Cell(quote + 1, next - quote - 1, IsQuoted: true, isEscaped);
        for (next++; next < _end && _buffer[next] == Space && dialect.Delimiter != Space;)
        {
            next++;
        }

        if (next == _end && (!_ended || isSample))
        {
            return Step.More;
        }

        if (next < _end && !_ends.Contains(_buffer[next]))
        {
            throw Invalid(_nextLine, string.Create(
                CultureInfo.InvariantCulture, $"has text behind a closing quote, in column {_cells.Count + 1}"));
        }

        at = next;
        return EndCell(cell, ref at);
    }

    private Step EndCell(Cell cell, ref int at)
    {
        if (_cells.Count == MaxCells)
        {
            throw new SourceException(
                SourceFailure.DataInvalid,
                string.Create(CultureInfo.InvariantCulture, $"Line {_nextLine} has more than {MaxCells} cells. Is the delimiter right?"));
        }

        if (at == _end)
        {
            _cells.Add(cell);
            return Step.Row;
        }

        if (_buffer[at] == dialect.Delimiter)
        {
            at++;
            _cells.Add(cell);
            return at == _end && _ended && !isSample ? EndCell(new Cell(at, 0, IsQuoted: false, IsEscaped: false), ref at) : Step.Cell;
        }

        if (_buffer[at] == Return && at + 1 == _end && !_ended)
        {
            return Step.More;
        }

        _cells.Add(cell);
        at += _buffer[at] == Return && at + 1 < _end && _buffer[at + 1] == LineFeed ? 2 : 1;
        return Step.Row;
    }

    // In place, once the row is complete: a row that goes on behind the buffer is looked at again from its beginning.
    private void Unescape()
    {
        _nextLine++;
        for (var ordinal = 0; ordinal < _cells.Count; ordinal++)
        {
            var cell = _cells[ordinal];
            if (!cell.IsQuoted)
            {
                continue;
            }

            var bytes = _buffer.AsSpan(cell.Start, cell.Length);
            var feeds = bytes.Count(LineFeed);
            _nextLine += feeds > 0 ? feeds : bytes.Count(Return);
            if (!cell.IsEscaped)
            {
                continue;
            }

            var length = 0;
            for (var at = 0; at < bytes.Length; at++)
            {
                if (bytes[at] == dialect.Escape && at + 1 < bytes.Length
                    && (bytes[at + 1] == dialect.Quote || bytes[at + 1] == dialect.Escape))
                {
                    at++;
                }

                bytes[length++] = bytes[at];
            }

            _cells[ordinal] = cell with { Length = length };
        }
    }

    /// <returns>Whether there is anything to read.</returns>
    private bool Fill()
    {
        if (_ended)
        {
            return _start < _end;
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_end >= MaxRowBytes)
            {
                throw Invalid(_nextLine, $"begins a row of more than {MaxRowBytes >> 20} MB");
            }

            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 4, MaxRowBytes));
        }

        var wanted = _buffer.Length - _end;
        var read = stream.ReadAtLeast(_buffer.AsSpan(_end), wanted, throwOnEndOfStream: false);
        _end += read;
        _ended = read < wanted;
        return _end > 0;
    }

    private static SourceException Invalid(long line, string trouble) => new(
        SourceFailure.DataInvalid,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Line {line} {trouble}. Set quote and escape as the file has them; if it has no quotes, set quote to \"\"."));

    private readonly record struct Cell(int Start, int Length, bool IsQuoted, bool IsEscaped);
}
