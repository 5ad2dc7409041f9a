using System.Text.Json;
using MySqlConnector;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;

namespace Platform.Connectors.Types.MySql;

/// <summary>Runs one statement. With parameters it is prepared at the source, so that values never meet its text.</summary>
internal static class MySqlQuery
{
    public static async Task<Reading> RunAsync(
        MySqlSession session, SqlStatement statement, QueryLimits limits, CancellationToken cancellationToken)
    {
        await using var command = session.Connection.CreateCommand();
        command.CommandText = statement.Text;
        if (statement.Values.Count > 0)
        {
            foreach (var value in statement.Values)
            {
                command.Parameters.Add(new MySqlParameter { Value = ValueOf(value) });
            }

            await command.PrepareAsync(cancellationToken);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = MySqlColumn.Of(reader);
        using var rows = RowBuffer.ForArray(limits.MaxRows, limits.MaxBytes);
        while (await reader.ReadAsync(cancellationToken))
        {
            MySqlRow.Write(rows.BeginRow(), reader, columns, asObject: false);
            if (!rows.TryAddRow())
            {
                // Else the driver would read the rest of the rows, to throw them away.
                command.Cancel();
                break;
            }
        }

        return Reading.From([.. columns.Select(column => new ResultColumn(column.Name, column.Type))], rows);
    }

    private static object ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => DBNull.Value,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number when value.TryGetInt64(out var integer) => integer,
        JsonValueKind.Number when value.TryGetDecimal(out var exact) => exact,
        JsonValueKind.Number => value.GetDouble(),
        // The source has no lists; its JSON functions take the text.
        _ => value.GetRawText(),
    };
}
