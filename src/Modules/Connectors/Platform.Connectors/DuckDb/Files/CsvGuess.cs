using System.Text;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>
/// Finds out what a delimited file looks like: the dialect in which most rows are of one width, and their cells look like cells.
/// </summary>
internal static class CsvGuess
{
    /// <summary>How much of a file is looked at.</summary>
    public const int SampleBytes = 512 * 1024;

    private const int MaxRows = 1000;
    private const int MaxSkipped = 50;
    private const int MaxNameLength = 500;
    private static readonly byte[] Delimiters = [(byte)',', (byte)';', (byte)'\t', (byte)'|'];

    /// <summary>Rows of the sample, read in one dialect.</summary>
    private sealed record Attempt(CsvDialect Dialect, List<(long Line, List<string> Cells)> Rows, int Quoted, bool HasFailed)
    {
        public int Width { get; set; } = 1;

        /// <summary>How many rows, the first ones, stand before the table.</summary>
        public int Before { get; set; }

        public double Score { get; set; }
    }

    public static CsvShape Of(byte[] sample, bool isWhole, FileReading reading)
    {
        // A line that spreadsheets write for each other.
        if (reading.SkipLines is null
            && sample is [(byte)'s', (byte)'e', (byte)'p', (byte)'=', var named, (byte)'\r' or (byte)'\n', ..])
        {
            reading = reading with { Delimiter = reading.Delimiter ?? $"{(char)named}", SkipLines = 1 };
        }

        var delimiters = reading.Delimiter is { } given ? [(byte)given[0]] : Delimiters;
        var attempts = delimiters
            .SelectMany(delimiter => Quotes(reading, sample).Select(quote => new CsvDialect(delimiter, quote.Quote, quote.Escape)))
            .Where(dialect => dialect.Delimiter != dialect.Quote)
            .Select(dialect => Rate(Read(sample, isWhole, dialect, reading.SkipLines ?? 0), reading.SkipLines is not null))
            .ToList();
        var best = Choose(attempts, sample, isGiven: reading.Delimiter is not null);
        var table = best.Rows.Skip(best.Before).Select(row => row.Cells).ToList();
        var skip = reading.SkipLines ?? (best.Before > 0 ? (int)best.Rows[best.Before].Line - 1 : 0);
        var hasHeader = reading.Header ?? (table.Count > 0 && IsHeader(table[0]));
        var comma = reading.DecimalSeparator is { } separator
            ? separator == ","
            : best.Dialect.Delimiter != (byte)',' && HasDecimalComma(table.Skip(hasHeader ? 1 : 0).ToList(), best.Width);
        return new CsvShape(best.Dialect, best.Width, skip, hasHeader, comma);
    }

    private static IEnumerable<(byte Quote, byte Escape)> Quotes(FileReading reading, byte[] sample)
    {
        const byte Double = (byte)'"';
        const byte Single = (byte)'\'';
        const byte Backslash = (byte)'\\';
        byte? escape = reading.Escape is { Length: > 0 } text ? (byte)text[0] : null;
        if (reading.Quote is { } given)
        {
            var quote = given.Length == 0 ? (byte)0 : (byte)given[0];
            return escape is not null || quote == 0 ? [(quote, escape ?? 0)] : [(quote, quote), (quote, Backslash)];
        }

        if (escape is { } known)
        {
            return [(Double, known)];
        }

        return sample.AsSpan().Contains(Double)
            ? [(Double, Double), (Double, Backslash), ((byte)0, (byte)0)]
            : [(Single, Single), (Double, Double)];
    }

    private static Attempt Read(byte[] sample, bool isWhole, CsvDialect dialect, int skipLines)
    {
        var rows = new List<(long Line, List<string> Cells)>();
        var quoted = 0;
        try
        {
            var tokenizer = new CsvTokenizer(new MemoryStream(sample), dialect, isSample: !isWhole);
            tokenizer.SkipLines(skipLines);
            while (rows.Count < MaxRows && tokenizer.Read())
            {
                if (tokenizer.IsBlank)
                {
                    continue;
                }

                var cells = new List<string>(tokenizer.Count);
                for (var ordinal = 0; ordinal < tokenizer.Count; ordinal++)
                {
                    quoted += tokenizer.IsQuoted(ordinal) ? 1 : 0;
                    var cell = tokenizer[ordinal];
                    cells.Add(Encoding.UTF8.GetString(cell[..Math.Min(cell.Length, 2 * MaxNameLength)]));
                }

                rows.Add((tokenizer.Line, cells));
            }

            return new Attempt(dialect, rows, quoted, HasFailed: false);
        }
        catch (SourceException)
        {
            return new Attempt(dialect, rows, quoted, HasFailed: true);
        }
    }

    private static Attempt Rate(Attempt attempt, bool keepsFirst)
    {
        var rows = attempt.Rows;
        var widest = rows.Select(row => row.Cells.Count).Where(count => count > 1)
            .GroupBy(count => count).OrderByDescending(group => group.Count()).FirstOrDefault();
        if (widest is null)
        {
            return attempt;
        }

        // Titles and remarks stand before a table; a table is longer than they are, and even.
        var before = keepsFirst ? 0 : rows.TakeWhile(row => row.Cells.Count == 1).Count();
        var even = rows.Skip(before).Count(row => row.Cells.Count == widest.Key);
        var isPreamble = before is > 0 and <= MaxSkipped && even >= 2 && even >= before && even >= 0.9 * (rows.Count - before);
        attempt.Before = isPreamble ? before : 0;
        var table = rows.Skip(attempt.Before).Select(row => row.Cells).ToList();
        var first = table[0].Count;
        var share = (double)even / table.Count;
        // A comma in the first line of a text makes no table of it.
        var isLikeFirst = first > 1 && (table.Count == 1 || table.Skip(1).Any(cells => Fit(cells, first) == 1));
        var ofFirst = isLikeFirst ? table.Sum(cells => Fit(cells, first)) / table.Count : 0;
        (attempt.Width, share) = ofFirst >= share ? (first, ofFirst) : (widest.Key, share);
        attempt.Score = share < 0.5 ? 0 : share * Quality(table, attempt.Dialect.Delimiter);
        return attempt;
    }

    private static double Fit(List<string> cells, int width) =>
        cells.Count == width || (cells.Count > width && cells.Skip(width).All(cell => cell.Length == 0)) ? 1
        : cells.Count < width ? 0.5
        : 0;

    // A cell that holds what could be another delimiter is perhaps two.
    private static double Quality(List<List<string>> table, byte delimiter)
    {
        var others = Delimiters.Where(other => other != delimiter).Select(other => (char)other).ToArray();
        var cells = table.Take(200).SelectMany(row => row.Take(50)).ToList();
        return cells.Sum(cell => cell.Length == 0 || CsvCell.IsValue(cell) ? 1.0 : cell.IndexOfAny(others) >= 0 ? 0.6 : 0.9) / cells.Count;
    }

    private static Attempt Choose(List<Attempt> attempts, byte[] sample, bool isGiven)
    {
        // Of equals the first: commas before others, quotes that are doubled before others.
        var ranked = attempts.OrderByDescending(attempt => attempt.Score)
            .ThenByDescending(attempt => attempt.Dialect.Quote == (byte)'"' || attempt.Quoted > 1).ToList();
        var failed = ranked.Find(attempt => attempt is { HasFailed: true, Score: > 0 });
        // Where cells were in quotes before one was not right, quotes mean what they mean: the reader will name the line.
        var best = ranked.Find(attempt => !attempt.HasFailed && attempt.Score > 0
                && (failed is null or { Quoted: 0 }
                    || (attempt.Dialect.Quote != 0 && attempt.Dialect.Delimiter == failed.Dialect.Delimiter)))
            ?? failed ?? ranked[0];
        if (best.Score > 0 || isGiven)
        {
            return best;
        }

        // One column: what does not occur can divide nothing.
        var unused = attempts.Find(attempt => !attempt.HasFailed && !sample.AsSpan().Contains(attempt.Dialect.Delimiter)) ?? best;
        (unused.Width, unused.Before) = (unused.Rows.Count == 0 ? 1 : unused.Rows.Max(row => row.Cells.Count), 0);
        return unused;
    }

    private static bool IsHeader(List<string> cells) =>
        cells.Exists(cell => cell.Trim().Length > 0)
        && cells.TrueForAll(cell => cell.Length <= MaxNameLength && !CsvCell.IsValue(cell.Trim()));

    private static bool HasDecimalComma(List<List<string>> rows, int width)
    {
        var columns = Enumerable.Range(0, width)
            .Select(at => rows.Where(row => row.Count > at).Select(row => row[at].Trim()).Where(cell => cell.Length > 0).ToList())
            .Where(cells => cells.Count > 0)
            .ToList();
        return columns.Exists(cells => cells.TrueForAll(CsvCell.IsCommaNumber)
                && cells.Exists(cell => cell.Contains(',', StringComparison.Ordinal)))
            && !columns.Exists(cells => cells.TrueForAll(CsvCell.IsPointNumber));
    }
}
