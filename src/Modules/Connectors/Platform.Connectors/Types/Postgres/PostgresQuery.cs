using System.Data;
using Npgsql;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;

namespace Platform.Connectors.Types.Postgres;

/// <summary>
/// Runs a statement through a cursor, so that the source sends a page at a time and what lies beyond the limit is never made or sent.
/// </summary>
internal static class PostgresQuery
{
    private const string Fetch = "fetch forward 1000 from platform_query";

    public static async Task<Reading> RunAsync(
        PostgresSession session, SqlStatement statement, QueryLimits limits, CancellationToken cancellationToken)
    {
        using var rows = RowBuffer.ForArray(limits.MaxRows, limits.MaxBytes);

        // SHOW and EXPLAIN have no cursor and are short.
        if (statement.Verb is "show" or "explain")
        {
            await using var direct = Command(session, statement.Text, statement);
            var (shown, _) = await ReadPageAsync(direct, rows, limits, cancellationToken);
            return Reading.From(ToColumns(shown), rows);
        }

        await using (var declare = Command(session, $"declare platform_query no scroll cursor for {statement.Text}", statement))
        {
            await declare.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            await using var fetch = new NpgsqlCommand(Fetch, session.Connection) { AllResultTypesAreUnknown = true };
            var (columns, hasMore) = await ReadPageAsync(fetch, rows, limits, cancellationToken);
            if (!hasMore)
            {
                return Reading.From(ToColumns(columns), rows);
            }
        }
    }

    private static NpgsqlCommand Command(PostgresSession session, string text, SqlStatement statement)
    {
        var command = new NpgsqlCommand(text, session.Connection) { AllResultTypesAreUnknown = true };
        PostgresParameters.Bind(command, statement.Values);
        if (statement.Values.Count == 0)
        {
            // Without a parameter the driver reads the text itself and would send several statements; so the source refuses a second one.
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = 0 });
        }

        return command;
    }

    private static async Task<(PostgresColumn[] Columns, bool HasMore)> ReadPageAsync(
        NpgsqlCommand command, RowBuffer rows, QueryLimits limits, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var columns = PostgresColumn.Of(reader);
        using var values = new PostgresRows(reader, columns);
        var count = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            count++;
            if (rows.Count >= limits.MaxRows)
            {
                rows.MarkTruncated();
                return (columns, false);
            }

            var isWritten = await values.TryWriteAsync(rows.BeginRow(), asObject: false, rows.RemainingBytes, cancellationToken);
            if (!isWritten || !rows.TryAddRow())
            {
                rows.MarkTruncated();
                return (columns, false);
            }
        }

        return (columns, count > 0);
    }

    private static ResultColumn[] ToColumns(PostgresColumn[] columns) =>
        [.. columns.Select(column => new ResultColumn(column.Name, column.Type))];
}
