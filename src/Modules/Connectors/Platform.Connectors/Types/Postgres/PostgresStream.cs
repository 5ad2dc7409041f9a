using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Platform.Connectors.DuckDb;

namespace Platform.Connectors.Types.Postgres;

/// <summary>
/// Reads a table for a dataset: all of it, or what lies behind the cursor value in the cursor column's order. The source writes the rows
/// itself, as CSV by <c>copy</c>, and this process only cuts them into batches: parsing is the worker's.
/// </summary>
internal static class PostgresStream
{
    private const int BatchBytes = 1024 * 1024;
    private const int MaxRowBytes = 16 * 1024 * 1024;

    public static async IAsyncEnumerable<RowBatch> ReadAsync(
        PostgresSession session, SourceTable table, StreamRead stream, TimeSpan timeout,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireCursor(table, stream.CursorColumn);
        await session.BeginReadOnlyAsync(timeout, cancellationToken);
        var columns = await DescribeAsync(session, table, cancellationToken);
        var streamColumns = ToStreamColumns(columns);
        var statement = await StatementAsync(session, table, columns, stream, cancellationToken);
        await using var copy = await session.Connection.BeginTextExportAsync(statement, cancellationToken);

        var cursorValue = stream.CursorValue;
        var rows = new CopiedRows(BatchBytes, MaxRowBytes);
        var isMore = true;
        try
        {
            while (isMore)
            {
                isMore = await rows.ReadAsync(copy.BaseStream, cancellationToken);
                if (isMore && !rows.IsFull)
                {
                    continue;
                }

                cursorValue = rows.Count > 0 && stream.CursorColumn is not null ? rows.ReadMark() : cursorValue;
                // The last batch tells the columns, and may be empty.
                yield return new RowBatch(streamColumns, rows.ValidRows(), rows.Count, cursorValue) { Format = FileTable.Rows };
                rows.TakeRows();
            }
        }
        finally
        {
            if (isMore)
            {
                // Else the driver would read all that is left.
                await copy.CancelAsync();
            }
        }
    }

    private static async Task<PostgresColumn[]> DescribeAsync(
        PostgresSession session, SourceTable table, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", table.Columns.Select(column => $"source.{Quote(column.Name)}"));
        await using var command = new NpgsqlCommand($"select {names} from {table.Name} as source limit 0", session.Connection)
        {
            AllResultTypesAreUnknown = true,
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        return PostgresColumn.Of(reader);
    }

    private static async Task<string> StatementAsync(
        PostgresSession session, SourceTable table, PostgresColumn[] columns, StreamRead stream, CancellationToken cancellationToken)
    {
        // The mark comes first: the cursor's value as text, or a nought, so that no row is an empty line.
        var cursor = stream.CursorColumn is null ? null : $"source.{Quote(stream.CursorColumn)}";
        var select = new StringBuilder("copy (select ").Append(cursor is null ? "0" : $"{cursor}::text");
        foreach (var column in columns)
        {
            var value = $"source.{Quote(column.Name)}";
            select.Append(", ").Append(column.Form == PostgresForm.Array ? $"to_json({value})" : value);
        }

        // The table's name comes from the catalogue, already quoted there.
        select.Append(" from ").Append(table.Name).Append(" as source");
        if (cursor is not null)
        {
            select.Append(" where ").Append(cursor).Append(" is not null");
            if (stream.CursorValue is not null)
            {
                var literal = await QuoteLiteralAsync(session, stream.CursorValue, cancellationToken);
                select.Append(" and ").Append(cursor).Append(stream.Inclusive ? " >= " : " > ").Append(literal);
            }

            select.Append(" order by ").Append(cursor);
        }

        return select.Append(") to stdout (format csv)").ToString();
    }

    // The statement takes no parameters; the source quotes the value by its own rules.
    private static async Task<string> QuoteLiteralAsync(PostgresSession session, string value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select quote_literal($1)", session.Connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static void RequireCursor(SourceTable table, string? column)
    {
        if (column is not null && !table.Columns.Any(known => known.Name == column))
        {
            throw new SourceException(SourceFailure.InvalidConfig, $"{table.Name} has no column {column}.");
        }
    }

    private static StreamColumn[] ToStreamColumns(PostgresColumn[] columns) =>
        [.. DatasetColumns.Distinct(columns.Select(column => column.Name))
            .Zip(columns, (name, column) => new StreamColumn(name, column.StorageType))];

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
