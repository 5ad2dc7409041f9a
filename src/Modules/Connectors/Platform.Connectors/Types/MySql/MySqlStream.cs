using System.Runtime.CompilerServices;
using System.Text;
using MySqlConnector;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.MySql;

/// <summary>Reads a table for a dataset: all of it, or what lies behind the cursor value in the cursor column's order.</summary>
internal static class MySqlStream
{
    private const int MaxBatchBytes = 4 * 1024 * 1024;

    public static async IAsyncEnumerable<RowBatch> ReadAsync(
        MySqlSession session, MySqlTable table, StreamRead stream, TimeSpan timeout,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await session.BeginReadOnlyAsync(timeout, maxRows: null, cancellationToken);
        var cursorOrdinal = OrdinalOf(table, stream.CursorColumn);
        await using var command = Command(session, table, stream);
        if (command.Parameters.Count > 0)
        {
            await command.PrepareAsync(cancellationToken);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = MySqlColumn.Of(reader);
        StreamColumn[] streamColumns = [.. DatasetColumns.Distinct(columns.Select(column => column.Name))
            .Zip(columns, (name, column) => new StreamColumn(name, column.StorageType))];
        var cursorValue = stream.CursorValue;
        using var lines = RowBuffer.ForLines(int.MaxValue, MaxBatchBytes);
        while (await reader.ReadAsync(cancellationToken))
        {
            MySqlRow.Write(lines.BeginRow(), reader, columns, asObject: true);
            lines.TryAddRow();
            if (cursorOrdinal >= 0)
            {
                cursorValue = MySqlRow.TextOf(reader, cursorOrdinal, columns[cursorOrdinal].Form) ?? cursorValue;
            }

            if (lines.IsFull)
            {
                var count = lines.Count;
                yield return new RowBatch(streamColumns, lines.TakeLines(), count, cursorValue);
            }
        }

        var rest = lines.Count;
        yield return new RowBatch(streamColumns, lines.TakeLines(), rest, cursorValue);
    }

    private static MySqlCommand Command(MySqlSession session, MySqlTable table, StreamRead stream)
    {
        var command = session.Connection.CreateCommand();
        var select = new StringBuilder("select ")
            .AppendJoin(", ", table.Table.Columns.Select(column => MySqlTable.Quote(column.Name)))
            .Append(" from ").Append(table.Quoted);
        if (stream.CursorColumn is { } column)
        {
            var cursor = MySqlTable.Quote(column);
            select.Append(" where ").Append(cursor).Append(" is not null");
            if (stream.CursorValue is not null)
            {
                select.Append(" and ").Append(cursor).Append(" > ?");
                command.Parameters.Add(new MySqlParameter { Value = stream.CursorValue });
            }

            select.Append(" order by ").Append(cursor);
        }

        // Names come from the catalogue and are quoted; the cursor's value is bound.
        command.CommandText = select.ToString();
        return command;
    }

    private static int OrdinalOf(MySqlTable table, string? column)
    {
        if (column is null)
        {
            return -1;
        }

        var ordinal = table.Table.Columns.Select(known => known.Name).ToList().IndexOf(column);
        return ordinal >= 0
            ? ordinal
            : throw new SourceException(SourceFailure.InvalidConfig, $"{table.Table.Name} has no column {column}.");
    }
}
