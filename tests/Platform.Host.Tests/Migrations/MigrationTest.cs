using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Host.Migrations;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

namespace Platform.Host.Tests.Migrations;

/// <summary>A cluster for the fixture, and for each test a database and a folder of SQL files of its own.</summary>
public abstract class MigrationTest
{
    private const string CreateOwner = """
        do $$
        begin
          if to_regrole('postgres') is null then create role postgres login createrole; end if;
          execute format('alter database %I owner to postgres', current_database());
        end $$;
        """;

    private string _dataDirectory = "";
    private string _database = "";
    private int _databases;
    private LocalSecrets _secrets = null!;
    private EmbeddedPostgres _postgres = null!;

    private protected string Folder { get; private set; } = "";

    [OneTimeSetUp]
    public async Task StartServer()
    {
        _dataDirectory = Directory.CreateTempSubdirectory("platform-test-").FullName;
        _secrets = LocalSecrets.LoadOrCreate(_dataDirectory, TimeProvider.System);
        _postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = _dataDirectory }, _secrets, NullLogger.Instance, CancellationToken.None);
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        await _postgres.DisposeAsync();
        Directory.Delete(_dataDirectory, recursive: true);
    }

    [SetUp]
    public async Task CreateDatabase()
    {
        _database = "postgres";
        var name = $"test_{++_databases}";
        await ScalarAsync($"create database {name} template template0");
        _database = name;
        Folder = Path.Combine(_dataDirectory, name);
        Write("_supabase/0001_create_owner.sql", CreateOwner);
    }

    private protected void Write(string path, string sql)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, sql);
    }

    private protected void Remove(string path) => File.Delete(Path.Combine(Folder, path));

    private protected Task<int> MigrateAsync(bool embedded = true) => new Migrator(
        new MigrationOptions
        {
            Directory = Folder,
            OwnerConnectionString = _postgres.ConnectionString(LoginNames.Owner, _database),
            SuperuserConnectionString = embedded ? _postgres.ConnectionString(LoginNames.Superuser, _database) : null,
            LoginPasswords = embedded ? LoginNames.All.ToDictionary(login => login, _secrets.Password) : [],
        },
        NullLogger<Migrator>.Instance).ApplyAsync(CancellationToken.None);

    private protected async Task<MigrationException> ExpectRefusalAsync(string code, bool embedded = true)
    {
        try
        {
            await MigrateAsync(embedded);
        }
        catch (MigrationException exception)
        {
            Assert.That(exception.Code, Is.EqualTo(code));
            return exception;
        }

        throw new AssertionException("The migrator did not refuse.");
    }

    private protected async Task<object?> ScalarAsync(string sql, string login = LoginNames.Superuser)
    {
        await using var connection = new NpgsqlConnection($"{_postgres.ConnectionString(login, _database)};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private protected Task<object?> JournalAsync() => ScalarAsync(
        "select string_agg(schema || '/' || file_name, ' ' order by applied_at, schema, file_name) from platform.schema_migrations");
}
