using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

namespace Platform.LocalSupabase.Tests.Postgres;

/// <summary>Short words for what the tests of the embedded server do again and again.</summary>
internal static class TestCluster
{
    public static Task<EmbeddedPostgres> StartAsync(string dataDirectory, string? binariesPath = null) => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = dataDirectory, BinariesPath = binariesPath },
        LocalSecrets.LoadOrCreate(dataDirectory, TimeProvider.System),
        NullLogger.Instance,
        CancellationToken.None);

    /// <summary>One value, read over a connection of its own; null while the server is away.</summary>
    public static async Task<object?> TryScalarAsync(string connectionString, string sql)
    {
        try
        {
            return await ScalarAsync(connectionString, sql);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    public static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Tests pass constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Polls until the condition holds; a bound instead of a sleep.</summary>
    public static async Task<bool> EventuallyAsync(Func<Task<bool>> condition, int seconds = 20)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(seconds))
        {
            if (await condition())
            {
                return true;
            }

            await Task.Delay(20);
        }

        return false;
    }

    public static int ServerProcessId(string clusterDirectory) => PostmasterFile.Read(clusterDirectory)!.ProcessId;
}
