using System.Globalization;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>The types of a <see cref="RowsFile"/>'s columns: the owner's, the source's, else those that the engine finds.</summary>
internal sealed class RowsTypes(
    LockedDatabase database, RowsFile rows, FileReading reading, IReadOnlyList<string> nulls, CancellationToken cancellationToken)
{
    private const int MostSampledRows = 100_000;
    private const int LeastSampledRows = 4096;
    private const long SampledCells = 10_000_000;
    private const int ColumnsOfLook = 500;

    /// <summary>The table with its types.</summary>
    /// <param name="wholeFile">Whether all rows are looked at, and not a sample.</param>
    /// <param name="except">Keys of columns that are text in any case.</param>
    public TypedTable Find(bool wholeFile, IReadOnlyCollection<string> except)
    {
        var forced = TypedCopy.ForcedTypes(reading, [.. rows.Columns.Where(column => !column.IsLeftOut).Select(column => column.Name)]);
        var isOpen = rows.Rows > 0 && rows.Columns.Any(column => column.Type is null && !forced.ContainsKey(column.Name));
        var seen = isOpen ? Sniff(wholeFile) : new Seen([], null, null);
        var columns = new List<TypedColumn>();
        foreach (var (column, at) in rows.Columns.Select((column, at) => (column, at)).Where(column => !column.column.IsLeftOut))
        {
            var key = DatasetColumns.KeyOf(at);
            var isForced = forced.TryGetValue(column.Name, out var type);
            type = isForced ? type : except.Contains(key) ? CellType.Text : column.Type ?? seen.TypeOf(key, column.Traits);
            columns.Add(new TypedColumn(column.Name, key, type, isForced) { Traits = column.Traits });
        }

        var rules = new CellRules(
            rows.DecimalComma, reading.DateFormat ?? seen.DateFormat, reading.TimestampFormat ?? seen.TimestampFormat);
        var table = new TypedTable(Source(), rows.Place, columns, rules, nulls);
        return TypedCopy.WithDecimals(database, rows.DecimalComma ? WithCommas(table, forced) : table);
    }

    private sealed record Seen(Dictionary<string, string> Types, string? DateFormat, string? TimestampFormat)
    {
        // The engine knows one form of dates a file: others are times to it. And it has not seen all rows.
        public string TypeOf(string key, CellTraits traits) => Types.GetValueOrDefault(key, CellType.Text) switch
        {
            CellType.Timestamp when TimestampFormat is null && !traits.HasFlag(CellTraits.Colon) => CellType.Date,
            CellType.Timestamp when TimestampFormat is null && traits.HasFlag(CellTraits.Offset) => CellType.TimestampWithZone,
            var type => type,
        };
    }

    private Seen Sniff(bool wholeFile)
    {
        var rowsOfSample = Math.Clamp(SampledCells / rows.Columns.Count, LeastSampledRows, MostSampledRows);
        var sample = wholeFile || rows.Rows <= rowsOfSample ? -1 : rowsOfSample;
        var known = string.Join(", ", nulls.Prepend("").Select(LockedDatabase.Literal));
        var formats = (reading.DateFormat is { } date ? $", dateformat = {LockedDatabase.Literal(date)}" : "")
            + (reading.TimestampFormat is { } timestamp ? $", timestampformat = {LockedDatabase.Literal(timestamp)}" : "");
        using var command = database.Command(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            select found."type", date_format, timestamp_format
            from (
              select unnest("Columns") as found, "DateFormat" as date_format, "TimestampFormat" as timestamp_format
              from sniff_csv({LockedDatabase.Literal(rows.Path)}, {Dialect()}, nullstr = [{known}], sample_size = {sample}{formats}))
            """));
        using var registration = WorkerWork.CancelWith(command, cancellationToken);
        using var reader = command.ExecuteReader();
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var (at, dateFormat, timestampFormat) = (0, (string?)null, (string?)null);
        for (; reader.Read(); at++)
        {
            // The first one is the place.
            types[at == 0 ? "place" : DatasetColumns.KeyOf(at - 1)] = reader.GetString(0);
            (dateFormat, timestampFormat) = (Text(1), Text(2));
        }

        return at == rows.Columns.Count + 1 ? new Seen(types, dateFormat, timestampFormat) : new Seen([], null, null);

        string? Text(int ordinal) => reader.IsDBNull(ordinal) || reader.GetString(ordinal).Length == 0 ? null : reader.GetString(ordinal);
    }

    // The engine knows points alone; what it takes for a number with a point may be one with points between its thousands.
    private TypedTable WithCommas(TypedTable table, Dictionary<string, string> forced)
    {
        var known = rows.Columns.Where(column => column.Type is not null).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var open = table.Columns.Where(column => column.Type is CellType.Text or CellType.Double
            && (column.Traits & (CellTraits.Comma | CellTraits.Point)) != 0
            && !forced.ContainsKey(column.Name) && !known.Contains(column.Name)).ToList();
        var numbers = new HashSet<TypedColumn>();
        foreach (var columns in open.Chunk(ColumnsOfLook))
        {
            using var command = database.Command(table.AreCommaNumbers(columns));
            using var registration = WorkerWork.CancelWith(command, cancellationToken);
            using var reader = command.ExecuteReader();
            reader.Read();
            numbers.UnionWith(columns.Where((_, ordinal) => reader.GetBoolean(ordinal)));
        }

        return table with
        {
            Columns =
            [
                .. table.Columns.Select(column => numbers.Contains(column)
                    ? column with { Type = CellType.Double }
                    : open.Contains(column) ? column with { Type = CellType.Text } : column),
            ],
        };
    }

    private string Source()
    {
        var texts = string.Join(", ", rows.Columns.Select((_, at) => $"{DatasetColumns.KeyOf(at)}: 'VARCHAR'"));
        return $"select * from read_csv({LockedDatabase.Literal(rows.Path)}, columns = {{place: 'BIGINT', {texts}}}, auto_detect = false, "
            + $"{Dialect()}, nullstr = '', allow_quoted_nulls = false)";
    }

    // The reader wants room for twice its longest row.
    private string Dialect()
    {
        var longest = Math.Max(2 * 1024 * 1024, rows.LongestRow + 1024);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            header = false, delim = ',', quote = '"', escape = '"', new_line = '\n', max_line_size = {longest}, buffer_size = {longest * 2}
            """);
    }
}
