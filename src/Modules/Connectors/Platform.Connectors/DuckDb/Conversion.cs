using System.Globalization;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// Makes a Parquet file of other files, so that what is asked often is read in the fastest form; and lines of a Parquet file, for a sync.
/// </summary>
internal static class Conversion
{
    private const int MostRowsOfGroup = 60_000;
    private const int LeastRowsOfGroup = 2048;
    private const int RowGroupCells = 4_000_000;

    // The reader holds two buffers of this size.
    private const string LargeObjects = "maximum_object_size = 33554432";

    // A row has at most sixteen megabytes and its quotes; the reader asks for a buffer of twice that.
    private const string CopiedRows =
        """
        auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', new_line = '\n', nullstr = '',
        allow_quoted_nulls = false, max_line_size = 17825792, buffer_size = 35651584
        """;

    /// <summary>The format that is a table of the request itself.</summary>
    public const string Table = "table";

    public static WorkerReply Run(LockedDatabase database, string folder, WorkerConversion conversion, CancellationToken cancellationToken)
    {
        var inputs = conversion.Inputs.Select(input => Path.Combine(folder, input)).ToList();
        var output = Path.Combine(folder, conversion.Output);
        switch (conversion.Format)
        {
            case "lines":
                Copy(database, SelectLines(inputs, conversion.Columns), output, conversion.Columns?.Count, cancellationToken);
                break;
            case FileTable.Rows:
                Copy(database, SelectRows(inputs, conversion.Columns!), output, conversion.Columns?.Count, cancellationToken);
                break;
            case Table:
                Copy(database, $"select * from {LockedDatabase.Quote(conversion.Inputs[0])}", output, null, cancellationToken);
                break;
            case FileTable.Parquet:
                return WriteLines(database, inputs[0], output, cancellationToken);
            default:
                throw new SourceException(SourceFailure.InvalidConfig, $"The format {conversion.Format} is not known.");
        }

        return Describe(database, output);
    }

    public static string List(IEnumerable<string> files) => $"[{string.Join(", ", files.Select(LockedDatabase.Literal))}]";

    /// <summary>Lines of JSON as rows.</summary>
    public static string SelectLines(IReadOnlyList<string> inputs, IReadOnlyList<WorkerColumn>? columns)
    {
        var files = List(inputs);
        if (columns is null)
        {
            return $"select * from read_json({files}, format = 'newline_delimited', sample_size = -1, {LargeObjects})";
        }

        var types = string.Join(
            ", ", columns.Select((column, ordinal) => $"{DatasetColumns.KeyOf(ordinal)}: {LockedDatabase.Literal(column.Type)}"));
        var names = string.Join(
            ", ", columns.Select((column, ordinal) => $"{DatasetColumns.KeyOf(ordinal)} as {LockedDatabase.Quote(column.Name)}"));
        return $"select {names} from read_json({files}, format = 'newline_delimited', columns = {{{types}}}, {LargeObjects})";
    }

    // A value that its column's type does not have, as a year before Christ, is null: it must not fail the others.
    private static string SelectRows(List<string> inputs, IReadOnlyList<WorkerColumn> columns)
    {
        var keys = columns.Select((_, ordinal) => DatasetColumns.KeyOf(ordinal)).ToList();
        var values = columns.Select((column, ordinal) =>
        {
            var value = column.Type == "VARCHAR" ? keys[ordinal] : $"try_cast({keys[ordinal]} as {column.Type})";
            return $"{value} as {LockedDatabase.Quote(column.Name)}";
        });
        var texts = string.Join(", ", keys.Select(key => $"{key}: 'VARCHAR'"));
        return $"select {string.Join(", ", values)} from read_csv({List(inputs)}, columns = {{mark: 'VARCHAR', {texts}}}, {CopiedRows})";
    }

    /// <summary>What a Parquet file holds.</summary>
    public static WorkerReply Describe(LockedDatabase database, string output)
    {
        database.Execute($"create view converted as select * from read_parquet({LockedDatabase.Literal(output)})");
        using var count = database.Command("select count(*) from converted");
        return new WorkerReply
        {
            RowCount = (long)count.ExecuteScalar()!,
            Columns = WorkerWork.Describe(database, "converted").Columns,
        };
    }

    private static WorkerReply WriteLines(LockedDatabase database, string input, string output, CancellationToken cancellationToken)
    {
        database.Execute($"create view stored as select * from read_parquet({LockedDatabase.Literal(input)})");
        var columns = new List<WorkerColumn>();
        using (var command = database.Command("describe select * from stored"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                columns.Add(new WorkerColumn(reader.GetString(0), reader.GetString(1)));
            }
        }

        var keys = string.Join(
            ", ", columns.Select((column, ordinal) => $"{LockedDatabase.Quote(column.Name)} as {DatasetColumns.KeyOf(ordinal)}"));
        using var copy = database.Command($"copy (select {keys} from stored) to {LockedDatabase.Literal(output)} (format json)");
        using var registration = WorkerWork.CancelWith(copy, cancellationToken);
        return new WorkerReply { RowCount = copy.ExecuteNonQuery(), Stored = columns };
    }

    /// <summary>Writes the rows of a SELECT as Parquet.</summary>
    /// <param name="database">Where it runs.</param>
    /// <param name="select">The rows.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="columns">How many columns there are; null if that is not known.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static void Copy(LockedDatabase database, string select, string output, int? columns, CancellationToken cancellationToken)
    {
        // A row group is held in memory while it is written.
        var rows = Math.Clamp(RowGroupCells / Math.Max(columns ?? 1, 1), LeastRowsOfGroup, MostRowsOfGroup);
        using var command = database.Command(string.Create(
            CultureInfo.InvariantCulture,
            $"copy ({select}) to {LockedDatabase.Literal(output)} (format parquet, compression zstd, row_group_size {rows})"));
        using var registration = WorkerWork.CancelWith(command, cancellationToken);
        command.ExecuteNonQuery();
    }
}
