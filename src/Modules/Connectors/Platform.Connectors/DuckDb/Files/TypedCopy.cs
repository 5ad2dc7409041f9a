using System.Globalization;
using DuckDB.NET.Data;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>
/// Writes rows as Parquet. The owner's types hold: a cell that does not fit is an error, which says where it lies. The others are found in
/// a sample; where that misleads they are found in all rows, and a column that still does not fit is text.
/// </summary>
internal sealed class TypedCopy(LockedDatabase database, FileReading reading, CancellationToken cancellationToken)
{
    // What a decimal of the results can hold.
    private const int MaxDigits = 28;
    private const int MaxShown = 100;
    private const int ColumnsOfCount = 500;

    /// <summary>The types that the owner gives, by column; complains of columns that the file does not have.</summary>
    public static Dictionary<string, string> ForcedTypes(FileReading reading, IReadOnlyList<string> names)
    {
        var forced = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, type) in reading.Columns)
        {
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                var known = string.Join(", ", names.Take(20));
                throw new SourceException(
                    SourceFailure.InvalidConfig,
                    $"The file has no column \"{name}\", which columns names. It has: {known}{(names.Count > 20 ? ", …" : "")}.");
            }

            forced[name] = CellType.OfName(type);
        }

        return forced;
    }

    /// <summary>Copies rows of text.</summary>
    public void Copy(RowsFile rows, string output)
    {
        var types = new RowsTypes(database, rows, reading, KnownNullsOf(reading), cancellationToken);
        var table = types.Find(wholeFile: false, except: []);
        for (var attempt = 1; TryCopy(table, output) is { } failure; attempt++)
        {
            var misfits = FindMisfits(table, failure);
            table = types.Find(wholeFile: true, except: attempt == 1 ? [] : [.. misfits.Select(misfit => misfit.Column.Key)]);
        }
    }

    /// <summary>Copies rows whose other columns have their types already.</summary>
    /// <param name="source">A SELECT of <c>c0</c>, <c>c1</c>, …, those of a given type as text, and <c>place</c>.</param>
    /// <param name="names">The names of these columns.</param>
    /// <param name="output">The file to write.</param>
    public void Copy(string source, IReadOnlyList<string> names, string output)
    {
        var forced = ForcedTypes(reading, names);
        var columns = names.Select((name, at) =>
            new TypedColumn(name, DatasetColumns.KeyOf(at), forced.GetValueOrDefault(name), forced.ContainsKey(name))).ToList();
        var rules = new CellRules(reading.DecimalSeparator == ",", reading.DateFormat, reading.TimestampFormat);
        var table = WithDecimals(database, new TypedTable(source, "row", columns, rules, KnownNullsOf(reading)));
        if (TryCopy(table, output) is { } failure)
        {
            FindMisfits(table, failure);
            throw failure;
        }
    }

    /// <summary>Gives decimals the digits that their cells have.</summary>
    public static TypedTable WithDecimals(LockedDatabase database, TypedTable table)
    {
        var columns = table.Columns.ToList();
        foreach (var column in table.Columns.Where(column => column.Type == CellType.Decimal))
        {
            using var command = database.Command(table.CountDigits(column));
            using var reader = command.ExecuteReader();
            reader.Read();
            var (whole, fraction) = (reader.GetInt32(0), reader.GetInt32(1));
            if (whole + fraction > MaxDigits)
            {
                throw new SourceException(
                    SourceFailure.DataInvalid,
                    $"Column \"{column.Name}\" needs {whole + fraction} digits; a decimal has at most {MaxDigits}. "
                    + "Give it the type text or double.");
            }

            var digits = Math.Max(whole + fraction, 18);
            columns[columns.IndexOf(column)] = column with
            {
                Type = string.Create(CultureInfo.InvariantCulture, $"{CellType.Decimal}({digits},{fraction})"),
            };
        }

        return table with { Columns = columns };
    }

    private static IReadOnlyList<string> KnownNullsOf(FileReading reading) => reading.NullValues is null ? CellLook.NullTexts : [];

    /// <returns>What the engine says of a cell that does not fit; null if all do.</returns>
    private DuckDBException? TryCopy(TypedTable table, string output)
    {
        try
        {
            Conversion.Copy(database, table.Select(), output, table.Columns.Count, cancellationToken);
            return null;
        }
        catch (DuckDBException exception) when (TypedTable.IsMisfit(exception))
        {
            return exception;
        }
    }

    /// <summary>The columns that do not fit their types; throws where one of them is the owner's, or none is found.</summary>
    private List<(TypedColumn Column, long Count)> FindMisfits(TypedTable table, DuckDBException failure)
    {
        var misfits = new List<(TypedColumn Column, long Count)>();
        foreach (var columns in table.Columns.Where(column => column.IsConverted).Chunk(ColumnsOfCount))
        {
            using var command = database.Command(table.CountMisfits(columns));
            using var registration = WorkerWork.CancelWith(command, cancellationToken);
            using var reader = command.ExecuteReader();
            reader.Read();
            misfits.AddRange(columns.Select((column, ordinal) => (column, reader.GetInt64(ordinal))).Where(misfit => misfit.Item2 > 0));
        }

        ThrowIfForced(table, misfits);
        return misfits.Count > 0 ? misfits : throw failure;
    }

    private void ThrowIfForced(TypedTable table, List<(TypedColumn Column, long Count)> misfits)
    {
        foreach (var (column, count) in misfits.Where(misfit => misfit.Column.IsForced).Take(1))
        {
            using var command = database.Command(table.FirstMisfit(column));
            using var reader = command.ExecuteReader();
            reader.Read();
            var cell = reader.GetString(1);
            var place = string.Create(CultureInfo.InvariantCulture, $"{(table.Place == "line" ? "Line" : "Row")} {reader.GetInt64(0)}");
            var more = count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" Of the column {count} cells do not fit.");
            throw new SourceException(
                SourceFailure.DataInvalid,
                $"{place}, column \"{column.Name}\": \"{(cell.Length > MaxShown ? $"{cell[..MaxShown]}…" : cell)}\" is no "
                + $"{CellType.NameOf(column.Type!)}, which columns asks for.{more}");
        }
    }
}
