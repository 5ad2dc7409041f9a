using Npgsql;
using Platform.SharedKernel.Callers;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>Statements of the kernel itself, each in a transaction of its own, under a caller's role and claims as everywhere.</summary>
internal sealed class KernelDatabase(PlatformDataSources dataSources)
{
    public async Task<int> ExecuteAsync(Caller caller, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = Create(caller, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<List<T>> QueryAsync<T>(
        Caller caller, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = Create(caller, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>A connection of its own for LISTEN, which a pooler cannot carry.</summary>
    public ValueTask<NpgsqlConnection> OpenListenerAsync(CancellationToken cancellationToken) =>
        dataSources.Worker.OpenConnectionAsync(cancellationToken);

    private NpgsqlCommand Create(Caller caller, string sql, NpgsqlParameter[] parameters)
    {
        var command = (caller.IsSystem ? dataSources.Worker : dataSources.Api).CreateCommand(IdentitySql.PrefixFor(caller) + sql);
        IdentitySql.AddParameters(command, caller);
        command.Parameters.AddRange(parameters);
        return command;
    }
}
