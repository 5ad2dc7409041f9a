using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Platform.Dashboards.Tests.Data;

/// <summary>A PostgreSQL server that stands for somebody's database, and knows how often a table of it was read.</summary>
internal sealed class SourceDatabase : IDisposable
{
    private const string Password = "owner password";
    private readonly string _folder = Directory.CreateTempSubdirectory("source-database-").FullName;
    private readonly string _binaries = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";

    private SourceDatabase()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>What a connector needs to reach it.</summary>
    public object Config => new { host = "127.0.0.1", port = Port, database = "postgres", username = "owner", ssl_mode = "disable" };

    public static object Credentials => new { password = Password };

    public static SourceDatabase Start()
    {
        var server = new SourceDatabase();
        Run("chmod", "777", server._folder);
        File.WriteAllText($"{server._folder}/password", Password);
        server.RunAsServer(
            "initdb", "-D", $"{server._folder}/data", "-U", "owner", $"--pwfile={server._folder}/password", "--auth=scram-sha-256", "--no-sync",
            "--locale=C", "--encoding=UTF8");
        server.RunAsServer(
            "pg_ctl", "-D", $"{server._folder}/data", "-w", "-l", $"{server._folder}/log", "-o",
            $"-c port={server.Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={server._folder} -c fsync=off", "start");
        return server;
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = "postgres",
            Username = "owner",
            Password = Password,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default!;
    }

    public void Dispose()
    {
        RunAsServer("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    // The server refuses to run as root.
    private void RunAsServer(string program, params string[] arguments)
    {
        string[] prefix = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];
        string[] line = [.. prefix, $"{_binaries}/{program}", .. arguments];
        Run(line[0], line[1..]);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        // The server inherits the pipes: wait for the process, not for their end.
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, program);
    }
}
