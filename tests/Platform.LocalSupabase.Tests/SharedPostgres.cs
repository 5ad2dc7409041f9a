using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;
using Platform.LocalSupabase.Tests.Postgres;

namespace Platform.LocalSupabase.Tests;

/// <summary>
/// One cluster with what a Supabase project has, for all tests of this assembly. Tests keep apart by using users and buckets of
/// their own.
/// </summary>
[SetUpFixture]
public sealed class SharedPostgres
{
    private static readonly TemporaryDirectory Data = new();
    private static EmbeddedPostgres _postgres = null!;

    internal static string ConnectionStringOf(string login) => $"{_postgres.ConnectionString(login)};Maximum Pool Size=20";

    internal static string DatabaseUrlOf(string login) => _postgres.Url(login);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Tests that wait for processes hold threads, and the servers of all others live in this process: nobody is to wait for a thread.
        ThreadPool.SetMinThreads(64, 64);
        var secrets = LocalSecrets.LoadOrCreate(Data.Path, TimeProvider.System);
        _postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = Data.Path }, secrets, NullLogger.Instance, CancellationToken.None);
        var folder = Path.GetFullPath(Path.Combine(SourceDirectory(), "../../migrations/_supabase"));
        foreach (var file in Directory.GetFiles(folder, "*.sql").Order(StringComparer.Ordinal))
        {
            await SqlAsync(await File.ReadAllTextAsync(file));
        }

        foreach (var login in LoginNames.All.Except([LoginNames.Superuser]))
        {
            await SqlAsync($"alter role {login} password '{secrets.Password(login)}'");
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _postgres.DisposeAsync();
        Data.Dispose();
    }

    /// <summary>Runs SQL as the superuser, for states that the API cannot reach. Several statements are one transaction.</summary>
    internal static async Task<object?> SqlAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringOf(LoginNames.Superuser));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return await command.ExecuteScalarAsync();
    }

    private static string SourceDirectory([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
