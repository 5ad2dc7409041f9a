using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

namespace Platform.LocalSupabase.Tests.Postgres;

/// <summary>A data directory below a folder that the server's user may not pass, as any project below /root is.</summary>
public sealed class PlaceClusterTests
{
    [Test]
    public async Task Puts_the_cluster_elsewhere_when_the_servers_user_cannot_reach_the_data_directory()
    {
        using var closed = new TemporaryDirectory();
        var data = Directory.CreateDirectory(closed.File("project", ".data")).FullName;
        var home = "";
        try
        {
            int port;
            await using (var first = await TestCluster.StartAsync(data))
            {
                home = Path.GetDirectoryName(ClusterState.Load(data).Directory)!;
                port = first.Port;
                await TestCluster.ScalarAsync(first.ConnectionString(LoginNames.Superuser), "create table kept as select 1 as id");
            }

            await using var second = await TestCluster.StartAsync(data);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(home, Does.StartWith("/var/lib/platform/"));
                Assert.That(second.Port, Is.EqualTo(port));
                Assert.That(
                    await TestCluster.ScalarAsync(second.ConnectionString(LoginNames.Superuser), "select id from kept"),
                    Is.EqualTo(1));
                Assert.That(Directory.Exists(Path.Combine(data, "postgres")), Is.False);
                Assert.That(File.GetUnixFileMode(closed.Path), Is.EqualTo((UnixFileMode)0b111_000_000));
            }
        }
        finally
        {
            DeleteHome(home);
        }
    }

    [Test]
    public async Task Still_refuses_to_make_new_secrets_for_a_cluster_that_stands_elsewhere()
    {
        using var closed = new TemporaryDirectory();
        var data = Directory.CreateDirectory(closed.File("project", ".data")).FullName;
        var home = "";
        try
        {
            await using (await TestCluster.StartAsync(data))
            {
                home = Path.GetDirectoryName(ClusterState.Load(data).Directory)!;
            }

            File.Delete(Path.Combine(data, "secrets.json"));

            Assert.That(
                () => LocalSecrets.LoadOrCreate(data, TimeProvider.System),
                Throws.InstanceOf<LocalSupabaseException>().With.Property(nameof(LocalSupabaseException.Code)).EqualTo("secrets_missing"));
        }
        finally
        {
            DeleteHome(home);
        }
    }

    [Test]
    public async Task Opens_a_private_data_directory_to_the_servers_user_alone()
    {
        using var data = new TemporaryDirectory();

        await using var postgres = await TestCluster.StartAsync(data.Path);

        var server = LibC.Look($"/proc/{TestCluster.ServerProcessId(data.File("postgres"))}")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.GetUnixFileMode(data.Path), Is.EqualTo((UnixFileMode)0b111_001_000));
            Assert.That(LibC.Look(data.Path)!.GroupId, Is.EqualTo(server.GroupId));
        }
    }

    [Test]
    public async Task Takes_a_copy_of_programs_that_the_servers_user_cannot_run()
    {
        using var closed = new TemporaryDirectory();
        using var data = new TemporaryDirectory();
        var installed = PostgresBinaries.Find(null, null, CancellationToken.None);
        var shared = Path.GetDirectoryName(installed.Directory)!;
        Command.Run(["cp", "-a", shared, closed.File("pg")], CancellationToken.None);
        var before = Directory.Exists("/var/lib/platform") ? Directory.GetDirectories("/var/lib/platform") : [];
        try
        {
            await using var postgres = await TestCluster.StartAsync(data.Path, closed.File("pg", "bin"));

            Assert.That(await TestCluster.ScalarAsync(postgres.ConnectionString(LoginNames.Superuser), "select 1"), Is.EqualTo(1));
        }
        finally
        {
            foreach (var made in Directory.GetDirectories("/var/lib/platform", "postgresql-*").Except(before))
            {
                Directory.Delete(made, recursive: true);
            }
        }
    }

    private static void DeleteHome(string home)
    {
        if (home.StartsWith("/var/lib/platform/", StringComparison.Ordinal))
        {
            Directory.Delete(home, recursive: true);
        }
    }
}
