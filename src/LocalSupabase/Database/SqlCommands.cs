using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;

namespace Platform.LocalSupabase.Database;

/// <summary>Raw SQL with named parameters, and nothing more.</summary>
internal static class SqlCommands
{
    public static NpgsqlCommand Command(
        this NpgsqlConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(Parameter(name, value));
        }

        return command;
    }

    /// <summary>One more statement of a batch, with parameters <c>$1</c>, <c>$2</c> and so on.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(Parameter(null, value));
        }

        batch.BatchCommands.Add(command);
    }

    /// <summary>Executes a batch whose last statement alone gives rows, and reads its first row; null when it gives none.</summary>
    public static async Task<T?> LastAsync<T>(this NpgsqlBatch batch, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : null;
    }

    public static async Task<int> ExecuteAsync(this NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The first column of the first row; <c>default</c> when there is no row or the value is null.</summary>
    public static async Task<T?> ScalarAsync<T>(this NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
        }
    }

    public static async IAsyncEnumerable<T> RowsAsync<T>(
        this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using (command)
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                yield return read(reader);
            }
        }
    }

    public static async Task<T?> FirstAsync<T>(
        this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        await foreach (var row in command.RowsAsync(read, cancellationToken))
        {
            return row;
        }

        return null;
    }

    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await foreach (var row in command.RowsAsync(read, cancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    public static T? ValueOrNull<T>(this NpgsqlDataReader reader, string column)
        where T : struct
    {
        var ordinal = reader.GetOrdinal(column);
        return reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<T>(ordinal);
    }

    public static string? TextOrNull(this NpgsqlDataReader reader, string column)
    {
        var ordinal = reader.GetOrdinal(column);
        return reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
    }

    /// <summary>A jsonb column that should hold an object; anything else reads as an empty one.</summary>
    public static JsonObject ObjectOrEmpty(this NpgsqlDataReader reader, string column) =>
        reader.TextOrNull(column) is { } text && JsonNode.Parse(text) is JsonObject value ? value : [];

    private static NpgsqlParameter Parameter(string? name, object? value) => value is JsonNode json
        ? new NpgsqlParameter(name, NpgsqlDbType.Jsonb) { Value = json.ToJsonString() }
        : new NpgsqlParameter(name, value ?? DBNull.Value);
}
