using System.Globalization;
using System.Xml;
using MiniExcelLibs;
using MiniExcelLibs.OpenXml;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>
/// Reads a sheet of a workbook into a <see cref="RowsFile"/>: a row names the columns, and the kinds of all their cells decide their types.
/// </summary>
internal sealed class ExcelSheet(string path, FileReading reading, FileNotes notes, CancellationToken cancellationToken)
{
    private const double LargestExactInteger = 9_007_199_254_740_992;
    private const int RowsOfLook = 50;

    // The worker has no place to put a cache file.
    private static readonly OpenXmlConfiguration Configuration = new() { EnableSharedStringCache = false, FillMergedCells = true };

    private static readonly HashSet<string> Errors =
        new(["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"], StringComparer.Ordinal);

    [Flags]
    private enum Seen
    {
        Nothing = 0,
        Text = 1,
        Fraction = 2,
        Integer = 4,
        Boolean = 8,
        Time = 16,
        Date = 32,
    }

    /// <summary>Writes the rows.</summary>
    public RowsFile Write(string output)
    {
        try
        {
            var sheet = FindSheet();
            return Write(output, sheet, FindHeader(sheet));
        }
        catch (Exception exception) when (exception is InvalidDataException or XmlException or NotSupportedException
            or FormatException or KeyNotFoundException or NullReferenceException or ArgumentException or InvalidOperationException)
        {
            // What the reader of workbooks throws where parts of one are missing or are not what they should be.
            throw new SourceException(SourceFailure.DataInvalid, "The file is no XLSX workbook, or it is damaged.", exception);
        }
    }

    private RowsFile Write(string output, string sheet, int header)
    {
        List<(string Key, string Name, bool IsNamed)>? columns = null;
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        using var writer = new RowsWriter(output);
        foreach (var (number, row) in Rows(sheet).Where(row => row.Number >= header))
        {
            if (columns is null)
            {
                columns = ColumnsOf(row);
                if (reading.Header != false)
                {
                    continue;
                }
            }

            if (row.Values.Any(HasValue))
            {
                WriteRow(number, row, columns, seen, writer);
            }
        }

        if (columns is null or { Count: 0 })
        {
            throw new SourceException(SourceFailure.DataInvalid, $"The sheet \"{sheet}\" has no rows, or none from its header on.");
        }

        notes.Summary = $"sheet \"{sheet}\", "
            + (reading.Header == false ? "no header" : string.Create(CultureInfo.InvariantCulture, $"header in row {header}"));
        return new RowsFile(output, [.. columns.Select(column => FoundOf(column, seen))], writer.Rows, writer.LongestRow) { Place = "row" };
    }

    private void WriteRow(
        long number, IDictionary<string, object?> row, List<(string Key, string Name, bool IsNamed)> columns, Dictionary<string, Seen> seen,
        RowsWriter writer)
    {
        writer.Begin(number);
        var isFaulty = false;
        foreach (var (key, _, _) in columns)
        {
            var value = row.TryGetValue(key, out var cell) && HasValue(cell) ? cell : null;
            var text = value is null ? null : TextOf(value);
            if (text is null || (reading.NullValues ?? []).Contains(text))
            {
                writer.AddNull();
                continue;
            }

            seen[key] = seen.GetValueOrDefault(key) | (Errors.Contains(text) ? Seen.Nothing : Look(value!));
            isFaulty |= Errors.Contains(text);
            writer.Add(text);
        }

        writer.End();
        if (isFaulty)
        {
            notes.Count("had an error such as #DIV/0!, which is null where the column is no text", number);
        }
    }

    private string FindSheet()
    {
        var names = MiniExcel.GetSheetNames(path, Configuration);
        if (names.Count == 0)
        {
            throw new SourceException(SourceFailure.DataInvalid, "The workbook has no sheet.");
        }

        var found = reading switch
        {
            { Sheet: { } name } => names.Find(one => one == name)
                ?? names.Find(one => one.Equals(name, StringComparison.OrdinalIgnoreCase)),
            { SheetNumber: { } number } => number <= names.Count ? names[number - 1] : null,
            _ => names[0],
        };
        return found ?? throw new SourceException(SourceFailure.InvalidConfig, string.Create(
            CultureInfo.InvariantCulture,
            $"The workbook has no sheet {(reading.Sheet is null ? $"number {reading.SheetNumber}" : $"\"{reading.Sheet}\"")}. "
            + $"Its sheets are: {string.Join(", ", names.Take(20))}."));
    }

    /// <summary>The row that names the columns: the first one, but for titles above it, which stand alone in their row.</summary>
    private int FindHeader(string sheet)
    {
        if (reading.HeaderRow is { } given)
        {
            return given;
        }

        var filled = Rows(sheet).Take(RowsOfLook).Select(row => (row.Number, Count: row.Row.Values.Count(HasValue)))
            .Where(row => row.Count > 0).ToList();
        var titles = filled.Exists(row => row.Count > 1) && reading.Header != false ? filled.TakeWhile(row => row.Count == 1).Count() : 0;
        if (titles > 0)
        {
            var what = titles == 1 ? "title was" : "titles were";
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Above the header {titles} {what} left out; if that is part of the table, set header_row."));
        }

        return filled.Count == 0 ? 1 : (int)filled[titles].Number;
    }

    private List<(string Key, string Name, bool IsNamed)> ColumnsOf(IDictionary<string, object?> row)
    {
        var names = row.Select(cell => reading.Header == false ? null : NameOf(cell.Value)).ToList();
        var distinct = DatasetColumns.Distinct(names.Zip(row.Keys, (name, key) => name ?? key));
        foreach (var (name, given) in names.Zip(distinct).Where(pair => pair.First is { } first && first != pair.Second).Take(10))
        {
            notes.Add($"Another column is called \"{name}\" as well; this one is named \"{given}\".");
        }

        return [.. row.Keys.Select((key, at) => (key, distinct[at], names[at] is not null))];
    }

    private static FoundColumn FoundOf((string Key, string Name, bool IsNamed) column, Dictionary<string, Seen> seen) =>
        new(column.Name, TypeOf(seen.GetValueOrDefault(column.Key))) { IsLeftOut = !column.IsNamed && !seen.ContainsKey(column.Key) };

    private static string? NameOf(object? header) =>
        Convert.ToString(header, CultureInfo.InvariantCulture)?.Trim() is { Length: > 0 } name ? name : null;

    private IEnumerable<(long Number, IDictionary<string, object?> Row)> Rows(string sheet)
    {
        var number = 0L;
        foreach (IDictionary<string, object?> row in MiniExcel.Query(
            path, useHeaderRow: false, sheetName: sheet, excelType: ExcelType.XLSX, configuration: Configuration))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return (++number, row);
        }
    }

    private static bool HasValue(object? value) => value is not (null or "");

    private static Seen Look(object value) => value switch
    {
        bool => Seen.Boolean,
        double number => number == Math.Floor(number) && Math.Abs(number) < LargestExactInteger ? Seen.Integer : Seen.Fraction,
        DateTime time => time.TimeOfDay == TimeSpan.Zero ? Seen.Date : Seen.Time,
        _ => Seen.Text,
    };

    private static string TypeOf(Seen seen) => seen switch
    {
        Seen.Integer => CellType.Integer,
        Seen.Fraction or (Seen.Fraction | Seen.Integer) => CellType.Double,
        Seen.Boolean => CellType.OfName("boolean"),
        Seen.Date => CellType.OfName("date"),
        Seen.Time or (Seen.Time | Seen.Date) => CellType.OfName("timestamp"),
        _ => CellType.Text,
    };

    private static string TextOf(object value) => value switch
    {
        DateTime { TimeOfDay.Ticks: 0 } day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        double number when number == Math.Floor(number) && Math.Abs(number) < LargestExactInteger =>
            ((long)number).ToString(CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
