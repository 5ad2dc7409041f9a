using Npgsql;

namespace Platform.Host.Tests.Security;

/// <summary>Statements of a test, as the superuser or as whom the transaction says.</summary>
internal static class Sql
{
    public static async Task<List<object?[]>> RowsAsync(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(index => reader.IsDBNull(index) ? null : reader.GetValue(index))]);
        }

        return rows;
    }

    public static async Task<List<string>> TextsAsync(NpgsqlConnection connection, string sql, params object?[] parameters) =>
        [.. (await RowsAsync(connection, sql, parameters)).Select(row => (string)row[0]!)];

    public static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
        }

        return command;
    }
}
