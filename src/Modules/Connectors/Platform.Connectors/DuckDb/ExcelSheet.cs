using System.Globalization;
using DuckDB.NET.Data;
using MiniExcelLibs;
using MiniExcelLibs.OpenXml;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb;

/// <summary>Loads the first sheet of a workbook into a table: the first row names the columns, all rows decide their types.</summary>
internal static class ExcelSheet
{
    public const string Table = "sheet";
    private const double LargestExactInteger = 9_007_199_254_740_992;

    // The worker has no place to put a cache file.
    private static readonly OpenXmlConfiguration Configuration = new() { EnableSharedStringCache = false, FillMergedCells = true };

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

    public static void Load(LockedDatabase database, string path, CancellationToken cancellationToken)
    {
        var columns = ReadColumns(path, cancellationToken);
        var declarations = columns.Select(column => $"{LockedDatabase.Quote(column.Name)} {column.Type}");
        database.Execute($"create table {Table} ({string.Join(", ", declarations)})");
        using var appender = database.Connection.CreateAppender(Table);
        foreach (var row in Rows(path, cancellationToken).Skip(1))
        {
            var target = appender.CreateRow();
            foreach (var column in columns)
            {
                Append(target, row.TryGetValue(column.Key, out var value) ? value : null, column.Type);
            }

            target.EndRow();
        }
    }

    private static List<(string Key, string Name, string Type)> ReadColumns(string path, CancellationToken cancellationToken)
    {
        List<string>? keys = null;
        List<string> names = [];
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        foreach (var row in Rows(path, cancellationToken))
        {
            if (keys is null)
            {
                keys = [.. row.Keys];
                names = [.. row.Select(cell => NameOf(cell.Key, cell.Value))];
                continue;
            }

            foreach (var (key, value) in row)
            {
                seen[key] = seen.GetValueOrDefault(key) | Look(value);
            }
        }

        if (keys is null or { Count: 0 })
        {
            throw new SourceException(SourceFailure.DataInvalid, "The workbook's first sheet is empty.");
        }

        return [.. keys.Zip(DatasetColumns.Distinct(names), (key, name) => (key, name, TypeOf(seen.GetValueOrDefault(key))))];
    }

    private static string NameOf(string key, object? header) =>
        Convert.ToString(header, CultureInfo.InvariantCulture)?.Trim() is { Length: > 0 } name ? name : key;

    private static IEnumerable<IDictionary<string, object?>> Rows(string path, CancellationToken cancellationToken)
    {
        var rows = MiniExcel.Query(path, useHeaderRow: false, excelType: ExcelType.XLSX, configuration: Configuration);
        foreach (IDictionary<string, object?> row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    private static Seen Look(object? value) => value switch
    {
        null or "" => Seen.Nothing,
        bool => Seen.Boolean,
        double number => number == Math.Floor(number) && Math.Abs(number) < LargestExactInteger ? Seen.Integer : Seen.Fraction,
        DateTime time => time.TimeOfDay == TimeSpan.Zero ? Seen.Date : Seen.Time,
        _ => Seen.Text,
    };

    private static string TypeOf(Seen seen) => seen switch
    {
        Seen.Integer => "BIGINT",
        Seen.Fraction or (Seen.Fraction | Seen.Integer) => "DOUBLE",
        Seen.Boolean => "BOOLEAN",
        Seen.Date => "DATE",
        Seen.Time or (Seen.Time | Seen.Date) => "TIMESTAMP",
        _ => "VARCHAR",
    };

    private static void Append(IDuckDBAppenderRow row, object? value, string type)
    {
        if (value is null or "")
        {
            row.AppendNullValue();
            return;
        }

        switch (type)
        {
            case "BIGINT":
                row.AppendValue((long)(double)value);
                break;
            case "DOUBLE":
                row.AppendValue((double)value);
                break;
            case "BOOLEAN":
                row.AppendValue((bool)value);
                break;
            case "DATE":
                row.AppendValue(DateOnly.FromDateTime((DateTime)value));
                break;
            case "TIMESTAMP":
                row.AppendValue((DateTime)value);
                break;
            default:
                row.AppendValue(TextOf(value));
                break;
        }
    }

    private static string TextOf(object value) => value switch
    {
        DateTime { TimeOfDay.Ticks: 0 } day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
