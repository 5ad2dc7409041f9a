using System.Net;
using System.Net.Sockets;
using Npgsql;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Postgres;

namespace Platform.LocalSupabase.Tests.Postgres;

public sealed class StartEmbeddedPostgresTests
{
    private static readonly string[] ExpectedFiles = ["host.lock", "postgres", "postgres.json", "postgres.log", "secrets.json"];

    [Test]
    public async Task Makes_a_cluster_with_a_superuser_and_the_needed_settings()
    {
        using var data = new TemporaryDirectory();

        await using var postgres = await TestCluster.StartAsync(data.Path);

        var superuser = postgres.ConnectionString(LoginNames.Superuser);
        const string Question = """
            select concat_ws('|', current_user, (select rolsuper from pg_roles where rolname = current_user), current_database(),
              current_setting('server_encoding'), (select datcollate from pg_database where datname = current_database()),
              current_setting('data_checksums'), current_setting('wal_level'), current_setting('fsync'),
              current_setting('max_connections'), current_setting('listen_addresses'), current_setting('jit'),
              (select left(rolpassword, 14) from pg_authid where rolname = current_user))
            """;
        Assert.That(
            await TestCluster.ScalarAsync(superuser, Question),
            Is.EqualTo("supabase_admin|t|postgres|UTF8|C.UTF-8|on|logical|on|200|127.0.0.1|off|SCRAM-SHA-256$"));
    }

    [Test]
    public async Task Asks_for_the_password_of_whoever_connects()
    {
        using var data = new TemporaryDirectory();
        await using var postgres = await TestCluster.StartAsync(data.Path);
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString(LoginNames.Superuser)) { Password = "guess" };

        var refusal = Assert.ThrowsAsync<PostgresException>(() => TestCluster.ScalarAsync(wrong.ConnectionString, "select 1"));

        Assert.That(refusal!.SqlState, Is.EqualTo(PostgresErrorCodes.InvalidPassword));
    }

    [Test]
    public async Task Runs_the_server_as_an_ordinary_user_and_opens_nothing_to_others()
    {
        using var data = new TemporaryDirectory();

        await using var postgres = await TestCluster.StartAsync(data.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(LibC.Look($"/proc/{TestCluster.ServerProcessId(data.File("postgres"))}")!.UserId, Is.Not.Zero);
            Assert.That(File.GetUnixFileMode(data.Path) & (UnixFileMode.GroupRead | (UnixFileMode)0b111), Is.EqualTo(UnixFileMode.None));
            Assert.That(Directory.EnumerateFileSystemEntries(data.Path).Select(Path.GetFileName), Is.EquivalentTo(ExpectedFiles));
        }
    }

    [Test]
    public async Task Keeps_rows_and_port_when_it_starts_again()
    {
        using var data = new TemporaryDirectory();
        int port;
        await using (var first = await TestCluster.StartAsync(data.Path))
        {
            port = first.Port;
            await TestCluster.ScalarAsync(first.ConnectionString(LoginNames.Superuser), "create table kept as select 42 as answer");
        }

        await using var second = await TestCluster.StartAsync(data.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.Port, Is.EqualTo(port));
            Assert.That(
                await TestCluster.ScalarAsync(second.ConnectionString(LoginNames.Superuser), "select answer from kept"),
                Is.EqualTo(42));
        }
    }

    [Test]
    public async Task Takes_another_port_when_the_old_one_was_taken_meanwhile()
    {
        using var data = new TemporaryDirectory();
        await using (await TestCluster.StartAsync(data.Path))
        {
        }

        var port = ClusterState.Load(data.Path).Port;
        using var intruder = new TcpListener(IPAddress.Loopback, port);
        intruder.Start();

        await using var postgres = await TestCluster.StartAsync(data.Path);

        Assert.That(postgres.Port, Is.Not.EqualTo(port));
        Assert.That(await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Begins_anew_after_an_interrupted_initdb()
    {
        using var data = new TemporaryDirectory();
        Directory.CreateDirectory(data.File("postgres.new", "base"));
        await File.WriteAllTextAsync(data.File("postgres.new", "PG_VERSION"), "15\n");
        await File.WriteAllTextAsync(data.File("postgres.password"), "left over");

        await using var postgres = await TestCluster.StartAsync(data.Path);

        Assert.That(File.Exists(data.File("postgres.password")), Is.False);
        Assert.That(await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Passes_extra_settings_to_the_server()
    {
        using var data = new TemporaryDirectory();
        var secrets = LocalSupabase.Secrets.LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        var options = new EmbeddedPostgresOptions
        {
            DataDirectory = data.Path,
            Settings = new Dictionary<string, string> { ["work_mem"] = "7MB" },
        };

        await using var postgres = await EmbeddedPostgres.StartAsync(
            options, secrets, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None);

        Assert.That(
            await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select current_setting('work_mem')"),
            Is.EqualTo("7MB"));
    }

    [Test]
    public async Task Leaves_no_server_behind_when_the_start_is_cancelled()
    {
        using var data = new TemporaryDirectory();
        var secrets = LocalSupabase.Secrets.LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        using var cancellation = new CancellationTokenSource();

        var start = EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = data.Path },
            secrets,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            cancellation.Token);
        await TestCluster.EventuallyAsync(() => Task.FromResult(File.Exists(data.File("postgres.new", "PG_VERSION"))));
        await cancellation.CancelAsync();

        Assert.That(async () => await start, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.Exists(data.File("postgres.new")), Is.False);
    }
}
