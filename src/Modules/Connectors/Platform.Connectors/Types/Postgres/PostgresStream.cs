using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Postgres;

/// <summary>Reads a table for a dataset: all of it, or what lies behind the cursor value in the cursor column's order.</summary>
internal static class PostgresStream
{
    private const string Fetch = "fetch forward 5000 from platform_stream";
    private const int MaxBatchBytes = 4 * 1024 * 1024;
    private const int MaxRowBytes = 16 * 1024 * 1024;

    public static async IAsyncEnumerable<RowBatch> ReadAsync(
        PostgresSession session, SourceTable table, StreamRead stream, TimeSpan timeout,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await session.BeginReadOnlyAsync(timeout, cancellationToken);
        await DeclareAsync(session, table, stream, cancellationToken);

        var cursorOrdinal = IndexOf(table, stream.CursorColumn);
        var cursorValue = stream.CursorValue;
        using var lines = RowBuffer.ForLines(int.MaxValue, MaxBatchBytes);
        IReadOnlyList<StreamColumn> columns;
        int fetched;
        do
        {
            await using var fetch = new NpgsqlCommand(Fetch, session.Connection) { AllResultTypesAreUnknown = true };
            await using var reader = await fetch.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
            var sourceColumns = PostgresColumn.Of(reader);
            columns = ToStreamColumns(sourceColumns[..table.Columns.Count]);
            using var values = new PostgresRows(reader, sourceColumns[..table.Columns.Count]);
            for (fetched = 0; await reader.ReadAsync(cancellationToken); fetched++)
            {
                if (!await values.TryWriteAsync(lines.BeginRow(), asObject: true, MaxRowBytes, cancellationToken))
                {
                    throw new SourceException(SourceFailure.QueryTooLarge, $"A row of {table.Name} has more than {MaxRowBytes >> 20} MB.");
                }

                lines.TryAddRow();
                if (cursorOrdinal >= 0)
                {
                    // The cursor column comes once more at the end, as text, because values are read in sequence.
                    cursorValue = await reader.GetFieldValueAsync<string>(table.Columns.Count, cancellationToken);
                }

                if (lines.IsFull)
                {
                    var count = lines.Count;
                    yield return new RowBatch(columns, lines.TakeLines(), count, cursorValue);
                }
            }
        }
        while (fetched > 0);

        var rest = lines.Count;
        yield return new RowBatch(columns, lines.TakeLines(), rest, cursorValue);
    }

    private static async Task DeclareAsync(
        PostgresSession session, SourceTable table, StreamRead stream, CancellationToken cancellationToken)
    {
        var select = new StringBuilder("declare platform_stream no scroll cursor for select ");
        select.AppendJoin(", ", table.Columns.Select(column => $"source.{Quote(column.Name)}"));
        await using var command = new NpgsqlCommand { Connection = session.Connection };
        if (IndexOf(table, stream.CursorColumn) < 0)
        {
            // The table's name comes from the catalogue, already quoted there.
            select.Append(" from ").Append(table.Name).Append(" as source");
        }
        else
        {
            var cursor = $"source.{Quote(stream.CursorColumn!)}";
            select.Append(", ").Append(cursor).Append("::text from ").Append(table.Name).Append(" as source where ")
                .Append(cursor).Append(" is not null");
            if (stream.CursorValue is not null)
            {
                select.Append(" and ").Append(cursor).Append(" > $1");
                command.Parameters.Add(new NpgsqlParameter { Value = stream.CursorValue, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Unknown });
            }

            select.Append(" order by ").Append(cursor);
        }

        command.CommandText = select.ToString();
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static int IndexOf(SourceTable table, string? column)
    {
        if (column is null)
        {
            return -1;
        }

        for (var ordinal = 0; ordinal < table.Columns.Count; ordinal++)
        {
            if (table.Columns[ordinal].Name == column)
            {
                return ordinal;
            }
        }

        throw new SourceException(SourceFailure.InvalidConfig, $"{table.Name} has no column {column}.");
    }

    private static StreamColumn[] ToStreamColumns(PostgresColumn[] columns) =>
        [.. DatasetColumns.Distinct(columns.Select(column => column.Name))
            .Zip(columns, (name, column) => new StreamColumn(name, column.StorageType))];

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
