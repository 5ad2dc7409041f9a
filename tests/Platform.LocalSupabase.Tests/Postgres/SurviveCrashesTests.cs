using System.Diagnostics;
using System.Globalization;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

namespace Platform.LocalSupabase.Tests.Postgres;

public sealed class SurviveCrashesTests
{
    [Test]
    public async Task Starts_a_killed_server_again_on_the_same_port_with_every_committed_row()
    {
        using var data = new TemporaryDirectory();
        await using var postgres = await TestCluster.StartAsync(data.Path);
        var superuser = postgres.ConnectionString(LoginNames.Superuser);
        await TestCluster.ScalarAsync(superuser, "create table kept as select generate_series(1, 1000) as id");

        for (var round = 0; round < 3; round++)
        {
            var killed = TestCluster.ServerProcessId(data.File("postgres"));
            LibC.Kill(killed, LibC.SignalKill);

            var isBack = await TestCluster.EventuallyAsync(async () =>
                PostmasterFile.Read(data.File("postgres")) is { IsReady: true } file && file.ProcessId != killed
                && (long?)await TestCluster.TryScalarAsync(superuser, "select count(*) from kept") == 1000);
            Assert.That(isBack, Is.True, $"round {round}");
        }
    }

    [Test]
    public async Task Still_starts_when_the_server_is_killed_as_soon_as_it_is_ready()
    {
        using var data = new TemporaryDirectory();
        var start = TestCluster.StartAsync(data.Path);
        await TestCluster.EventuallyAsync(() => Task.FromResult(PostmasterFile.Read(data.File("postgres")) is { IsReady: true }));
        LibC.Kill(TestCluster.ServerProcessId(data.File("postgres")), LibC.SignalKill);

        await using var postgres = await start;

        Assert.That(
            await TestCluster.EventuallyAsync(async () =>
                await TestCluster.TryScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select 1") is 1),
            Is.True);
    }

    [Test]
    public async Task Starts_again_although_backends_of_the_killed_server_linger()
    {
        using var data = new TemporaryDirectory();
        await using var postgres = await TestCluster.StartAsync(data.Path);
        var superuser = postgres.ConnectionString(LoginNames.Superuser);
        await TestCluster.ScalarAsync(superuser, "create table kept as select 1 as id");

        // A stopped process handles no signal but SIGKILL, so this backend will not notice that its server is gone.
        var backend = (int)(await TestCluster.ScalarAsync(
            superuser, "select pid from pg_stat_activity where backend_type = 'checkpointer'"))!;
        var killed = TestCluster.ServerProcessId(data.File("postgres"));
        LibC.Kill(backend, 19);
        LibC.Kill(killed, LibC.SignalKill);

        var isBack = await TestCluster.EventuallyAsync(async () =>
            await TestCluster.TryScalarAsync(superuser, "select id from kept") is 1
            && TestCluster.ServerProcessId(data.File("postgres")) != killed);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(isBack, Is.True);
            Assert.That(ProcessTable.WorksIn(backend, data.File("postgres")), Is.False);
        }
    }

    [Test]
    public async Task Stops_the_server_when_its_Host_is_killed()
    {
        using var data = new TemporaryDirectory();
        await using var host = await TestHostProcess.StartAsync(data.Path);
        Assert.That(host.Answer, Does.StartWith("ready"));
        Assert.That(ProcessTable.AllWorkingIn(data.File("postgres")), Is.Not.Empty);

        await host.KillAsync();

        Assert.That(
            await TestCluster.EventuallyAsync(() => Task.FromResult(ProcessTable.AllWorkingIn(data.File("postgres")).Count == 0)), Is.True);
    }

    [Test]
    public async Task Starts_at_once_after_Host_and_server_were_killed_in_the_middle_of_writes()
    {
        using var data = new TemporaryDirectory();
        await using (var host = await TestHostProcess.StartAsync(data.Path))
        {
            var superuser = Superuser(data, host.Port);
            await TestCluster.ScalarAsync(superuser, "create table kept (id int)");
            await TestCluster.ScalarAsync(superuser, "insert into kept select generate_series(1, 5000)");
            var endless = TestCluster.TryScalarAsync(superuser, "insert into kept select generate_series(1, 100000000)");
            LibC.Kill(TestCluster.ServerProcessId(data.File("postgres")), LibC.SignalKill);
            await host.KillAsync();
            await endless;
        }

        await using var postgres = await TestCluster.StartAsync(data.Path);

        Assert.That(
            await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select count(*) from kept"), Is.EqualTo(5000L));
    }

    [Test]
    public async Task Replaces_a_server_that_outlived_its_Host()
    {
        using var data = new TemporaryDirectory();
        int port;
        await using (var first = await TestCluster.StartAsync(data.Path))
        {
            port = first.Port;
            await TestCluster.ScalarAsync(first.ConnectionString(LoginNames.Superuser), "create table kept as select 1 as id");
        }

        using var orphan = await StartOrphanAsync(data.File("postgres"), port);

        await using var postgres = await TestCluster.StartAsync(data.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(orphan.HasExited, Is.True);
            Assert.That(postgres.Port, Is.EqualTo(port));
            Assert.That(
                await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select id from kept"), Is.EqualTo(1));
        }
    }

    [TestCase("another living process of the same user")]
    [TestCase("no process")]
    [TestCase("nothing readable")]
    public async Task Is_not_kept_from_starting_by_a_stale_lock_file_that_names(string what)
    {
        using var data = new TemporaryDirectory();
        await using (await TestCluster.StartAsync(data.Path))
        {
        }

        var cluster = data.File("postgres");
        var user = DatabaseUser.Resolve(cluster, CancellationToken.None);
        using var recycled = Process.Start(Command.StartInfo("/usr/bin/env", [.. user.Prefix(), "sleep", "60"]))!;
        try
        {
            var content = what switch
            {
                "no process" => "999999999\n",
                "nothing readable" => "",
                _ => $"{recycled.Id.ToString(CultureInfo.InvariantCulture)}\n{cluster}\n1\n5432\n\n127.0.0.1\n",
            };
            await File.WriteAllTextAsync(PostmasterFile.PathIn(cluster), content);
            user.Own(PostmasterFile.PathIn(cluster));

            await using var postgres = await TestCluster.StartAsync(data.Path);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(recycled.HasExited, Is.False);
                Assert.That(await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select 1"), Is.EqualTo(1));
            }
        }
        finally
        {
            recycled.Kill();
        }
    }

    [Test]
    public async Task Ends_the_server_and_all_its_backends_on_dispose()
    {
        using var data = new TemporaryDirectory();
        var postgres = await TestCluster.StartAsync(data.Path);
        var longQuery = TestCluster.TryScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select pg_sleep(60)");
        var watch = Stopwatch.StartNew();

        await postgres.DisposeAsync();
        await postgres.DisposeAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(ProcessTable.AllWorkingIn(data.File("postgres")), Is.Empty);
            Assert.That(await longQuery, Is.Null);
        }
    }

    private static string Superuser(TemporaryDirectory data, int port)
    {
        var password = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System).Password(LoginNames.Superuser);
        return $"Host=127.0.0.1;Port={port};Username={LoginNames.Superuser};Password={password};Database=postgres";
    }

    private static async Task<Process> StartOrphanAsync(string cluster, int port)
    {
        var user = DatabaseUser.Resolve(cluster, CancellationToken.None);
        var binaries = PostgresBinaries.Find(null, PostgresBinaries.MajorOf(cluster), CancellationToken.None);
        var settings = ServerSettings.Arguments(cluster, port, new Dictionary<string, string>());
        var orphan = Process.Start(Command.StartInfo("/usr/bin/env", ["setsid", .. user.Prefix(), binaries.Server, .. settings]))!;
        await TestCluster.EventuallyAsync(() => Task.FromResult(PostmasterFile.Read(cluster) is { IsReady: true }));
        return orphan;
    }
}
