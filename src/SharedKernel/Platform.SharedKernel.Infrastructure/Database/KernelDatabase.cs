using Npgsql;
using Platform.SharedKernel.Callers;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>Statements of the kernel itself, each in a transaction of its own, under a caller's role and claims as everywhere.</summary>
internal sealed class KernelDatabase(PlatformDataSources dataSources)
{
    public Task<int> ExecuteAsync(Caller caller, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        RunAsync(caller, sql, parameters, command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);

    public Task<List<T>> QueryAsync<T>(
        Caller caller, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        RunAsync(
            caller,
            sql,
            parameters,
            async command =>
            {
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                await reader.NextResultAsync(cancellationToken);
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    rows.Add(read(reader));
                }

                return rows;
            },
            cancellationToken);

    /// <summary>A connection of its own for LISTEN, which a pooler cannot carry.</summary>
    public ValueTask<NpgsqlConnection> OpenListenerAsync(CancellationToken cancellationToken) =>
        dataSources.Worker.OpenConnectionAsync(cancellationToken);

    /// <summary>Forgets pooled connections: with the server they were opened to, they have ended, and each would fail whoever got it.</summary>
    public void ForgetConnections()
    {
        dataSources.Api.Clear();
        dataSources.Worker.Clear();
    }

    private async Task<T> RunAsync<T>(
        Caller caller, string sql, NpgsqlParameter[] parameters, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        var pool = caller.IsSystem ? dataSources.Worker : dataSources.Api;
        await using var connection = await pool.OpenConnectionAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = IdentitySql.PrefixFor(caller) + sql;
        IdentitySql.AddParameters(command, caller);
        command.Parameters.AddRange(parameters);
        try
        {
            return await run(command);
        }
        catch (Exception exception) when (PreparedStatements.MayBeSpoilt(exception))
        {
            PreparedStatements.Forget(connection);
            throw;
        }
    }
}
