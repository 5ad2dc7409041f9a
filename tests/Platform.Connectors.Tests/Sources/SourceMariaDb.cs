using System.Diagnostics;
using MySqlConnector;

namespace Platform.Connectors.Tests.Sources;

/// <summary>
/// A MariaDB server that stands for somebody's database, on a free loopback port in a folder of its own, as a user without rights. Its
/// administrator is <c>owner</c>.
/// </summary>
internal sealed class SourceMariaDb : IAsyncDisposable
{
    private const string Nobody = "65534";
    private const string Scripts = "/usr/share/mysql";
    private readonly string _folder;
    private readonly Process _process;

    private SourceMariaDb(string folder, Process process, int port, string certificate) =>
        (_folder, _process, Port, Certificate) = (folder, process, port, certificate);

    public int Port { get; }

    /// <summary>The certificate that it shows, as PEM; empty if it speaks no TLS.</summary>
    public string Certificate { get; }

    public static async Task<SourceMariaDb> StartAsync(bool withTls = true)
    {
        var folder = Directory.CreateTempSubdirectory("source-mariadb-").FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        var port = FreePort.Find();
        string[] tls = [];
        var certificate = "";
        if (withTls)
        {
            var created = ServerCertificate.Create();
            certificate = created.Certificate;
            await File.WriteAllTextAsync($"{folder}/server.crt", certificate);
            await File.WriteAllTextAsync($"{folder}/server.key", created.PrivateKey);
            tls = [$"--ssl-cert={folder}/server.crt", $"--ssl-key={folder}/server.key"];
        }

        await BootstrapAsync(folder);
        var process = Launch(folder, [
            $"--port={port}", "--bind-address=127.0.0.1", $"--socket={folder}/socket", $"--pid-file={folder}/pid",
            "--skip-name-resolve", "--secure-file-priv=", .. tls]);
        var server = new SourceMariaDb(folder, process, port, certificate);
        await server.WaitUntilReadyAsync();
        return server;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new MySqlCommand(sql, connection);
        return (T)Convert.ChangeType((await command.ExecuteScalarAsync())!, typeof(T), System.Globalization.CultureInfo.InvariantCulture);
    }

    public string PathOf(string name) => Path.Combine(_folder, name);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task BootstrapAsync(string folder)
    {
        using var process = Launch(folder, ["--bootstrap"], isDatabase: true);
        var input = process.StandardInput;
        await input.WriteLineAsync("create database mysql;\nuse mysql;\nset @auth_root_socket = null;");
        foreach (var script in new[] { "mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql" })
        {
            await input.WriteLineAsync(await File.ReadAllTextAsync(Path.Combine(Scripts, script)));
        }

        await input.WriteLineAsync("flush privileges;");
        await input.WriteLineAsync("create user owner@'%' identified by 'owner password';");
        await input.WriteLineAsync("grant all privileges on *.* to owner@'%' with grant option;");
        input.Close();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, () => LogOf(folder));
    }

    private static Process Launch(string folder, string[] arguments, bool isDatabase = false)
    {
        // The server refuses to run as root.
        string[] prefix = Environment.UserName == "root"
            ? ["/usr/bin/setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"]
            : [];
        if (isDatabase)
        {
            Directory.CreateDirectory($"{folder}/data");
            File.SetUnixFileMode($"{folder}/data", File.GetUnixFileMode(folder));
        }

        string[] command =
        [
            .. prefix, "/usr/sbin/mariadbd", "--no-defaults", $"--datadir={folder}/data", $"--tmpdir={folder}",
            $"--log-error={folder}/log", "--innodb-buffer-pool-size=24M", "--innodb-log-file-size=8M",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0", "--performance-schema=off", .. arguments,
        ];
        return Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }

    private async Task WaitUntilReadyAsync()
    {
        for (var attempt = 0; attempt < 300 && !_process.HasExited; attempt++)
        {
            try
            {
                await using var connection = await ConnectAsync();
                return;
            }
            catch (MySqlException)
            {
                await Task.Delay(100);
            }
        }

        Assert.Fail($"MariaDB did not start: {LogOf(_folder)}");
    }

    private async Task<MySqlConnection> ConnectAsync()
    {
        var settings = new MySqlConnectionStringBuilder
        {
            Server = "127.0.0.1",
            Port = (uint)Port,
            UserID = "owner",
            Password = "owner password",
            SslMode = MySqlSslMode.Disabled,
            AllowUserVariables = true,
            Pooling = false,
        };
        var connection = new MySqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static string LogOf(string folder) => File.Exists($"{folder}/log") ? File.ReadAllText($"{folder}/log") : "";
}
