using System.Globalization;
using System.Text;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>Reads a delimited file of any dialect into a <see cref="RowsFile"/>, and tells of rows of another width.</summary>
internal sealed class CsvImport(string text, FileReading reading, FileNotes notes, CancellationToken cancellationToken)
{
    private const int MaxNameBytes = 4096;

    private readonly CsvShape _shape = Guess(text, reading);

    private readonly HashSet<string> _nulls = [.. reading.NullValues ?? []];

    /// <summary>Writes the rows.</summary>
    public RowsFile Write(string output)
    {
        using var file = File.OpenRead(text);
        var tokenizer = Open(file);
        var hasRow = tokenizer.Read();
        while (hasRow && tokenizer.IsBlank)
        {
            hasRow = tokenizer.Read();
        }

        if (!hasRow)
        {
            throw Invalid("The file has no rows.");
        }

        var names = Names(tokenizer);
        var headerLine = tokenizer.Line;
        var traits = new CellTraits[names.Count];
        using var writer = new RowsWriter(output);
        for (hasRow = !_shape.HasHeader || tokenizer.Read(); hasRow; hasRow = tokenizer.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!tokenizer.IsBlank && Fits(tokenizer, names.Count))
            {
                WriteRow(tokenizer, writer, traits);
            }
        }

        Summarize(headerLine);
        var columns = names.Select((name, at) => new FoundColumn(name, traits[at].HasFlag(CellTraits.Code) ? CellType.Text : null)
        {
            Traits = traits[at],
        });
        return new RowsFile(output, [.. columns], writer.Rows, writer.LongestRow) { DecimalComma = _shape.DecimalComma };
    }

    private CsvTokenizer Open(FileStream file)
    {
        var tokenizer = new CsvTokenizer(file, _shape.Dialect);
        tokenizer.SkipLines(_shape.SkipLines);
        return tokenizer;
    }

    private static CsvShape Guess(string text, FileReading reading)
    {
        using var file = File.OpenRead(text);
        var sample = new byte[(int)Math.Min(file.Length, CsvGuess.SampleBytes)];
        file.ReadExactly(sample);
        var isWhole = sample.Length == file.Length;
        // A row that is longer than the sample must not be cut.
        if (!isWhole && sample.AsSpan().IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            var length = (int)Math.Min(file.Length, CsvTokenizer.MaxRowBytes);
            (sample, isWhole, file.Position) = (new byte[length], length == file.Length, 0);
            file.ReadExactly(sample);
        }

        return CsvGuess.Of(sample, isWhole, reading);
    }

    private IReadOnlyList<string> Names(CsvTokenizer tokenizer)
    {
        var width = _shape.HasHeader ? tokenizer.Count : Math.Max(_shape.Width, tokenizer.Count);
        if (_shape.HasHeader && reading.Ragged != RaggedRows.Widen)
        {
            // A comma at the end of each line makes no column.
            width -= tokenizer.Count > 1 && tokenizer[^1].IsEmpty && _shape.Width < tokenizer.Count ? 1 : 0;
        }

        width = reading.Ragged == RaggedRows.Widen ? Math.Max(width, FindWidest()) : width;
        var digits = (width - 1).ToString(CultureInfo.InvariantCulture).Length;
        var names = Enumerable.Range(0, width)
            .Select(at => NameOf(tokenizer, at) ?? $"column{at.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}").ToList();
        var distinct = DatasetColumns.Distinct(names);
        foreach (var (name, given) in names.Zip(distinct).Where(pair => pair.First != pair.Second).Take(10))
        {
            notes.Add($"Another column is called \"{name}\" as well; this one is named \"{given}\".");
        }

        return distinct;
    }

    private string? NameOf(CsvTokenizer tokenizer, int at)
    {
        if (!_shape.HasHeader || at >= tokenizer.Count)
        {
            return null;
        }

        if (tokenizer[at].Length > MaxNameBytes)
        {
            throw Invalid(string.Create(
                CultureInfo.InvariantCulture,
                $"Line {tokenizer.Line} names a column with more than {MaxNameBytes} letters. If it is no header, set header to false."));
        }

        var name = Encoding.UTF8.GetString(tokenizer[at]).Trim();
        return name.Length > 0 ? name : null;
    }

    private int FindWidest()
    {
        using var file = File.OpenRead(text);
        var tokenizer = Open(file);
        var widest = 0;
        while (tokenizer.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            widest = Math.Max(widest, tokenizer.Count);
        }

        return widest;
    }

    /// <summary>Whether the row belongs into the table.</summary>
    private bool Fits(CsvTokenizer row, int width)
    {
        var count = row.Count;
        // Empty cells beyond the table hold nothing that could be lost.
        while (count > width && row[count - 1].IsEmpty)
        {
            count--;
        }

        if (count == width)
        {
            return true;
        }

        var trouble = string.Create(
            CultureInfo.InvariantCulture, $"Line {row.Line} has {count} {(count == 1 ? "cell" : "cells")}, the table has {width} columns.");
        switch (reading.Ragged, count > width)
        {
            case (RaggedRows.Skip, _):
                notes.Count("had too few cells or too many and were left out", row.Line);
                return false;
            case (RaggedRows.Cut, true):
                notes.Count("had too many cells, which were left out", row.Line);
                return true;
            case (RaggedRows.Error, false):
                throw Invalid($"{trouble} Correct it, or set ragged to pad or skip.");
            case (_, true):
                throw Invalid($"{trouble} Correct it, or set ragged to widen, cut or skip; perhaps the delimiter or the quote is another.");
            default:
                notes.Count("had too few cells; what is missing is null", row.Line);
                return true;
        }
    }

    private void WriteRow(CsvTokenizer row, RowsWriter writer, CellTraits[] traits)
    {
        writer.Begin(row.Line);
        for (var at = 0; at < traits.Length; at++)
        {
            if (at >= row.Count || row[at].IsEmpty || (_nulls.Count > 0 && _nulls.Contains(Encoding.UTF8.GetString(row[at]))))
            {
                writer.AddNull();
                continue;
            }

            var cell = row[at];
            traits[at] = traits[at].With(cell);
            writer.Add(cell);
        }

        writer.End();
    }

    private void Summarize(long headerLine)
    {
        var dialect = _shape.Dialect;
        var delimiter = dialect.Delimiter switch
        {
            (byte)'\t' => "tab",
            (byte)' ' => "space",
            var other => $"{(char)other}",
        };
        var header = _shape.HasHeader
            ? string.Create(CultureInfo.InvariantCulture, $"header in line {headerLine}")
            : "no header";
        notes.Summary = $"delimiter {delimiter}, {(dialect.Quote == 0 ? "no quotes" : $"quote {(char)dialect.Quote}")}, {header}"
            + (_shape.DecimalComma ? ", decimal comma" : "");
        if (_shape.SkipLines > 0 && reading.SkipLines is null)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"The first {_shape.SkipLines} lines are no part of the table and were left out; if they are, set skip_lines to 0."));
        }
    }

    private static SourceException Invalid(string message) => new(SourceFailure.DataInvalid, message);
}
