using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Platform.Benchmarks;

/// <summary>A PostgreSQL server that stands for somebody's database, apart from the product's own.</summary>
internal sealed class SourceServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bench-source-").FullName;
    private readonly string _programs = $"{Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last()}/bin";

    private SourceServer()
    {
        Process.Start("chmod", ["777", _folder]).WaitForExit();
        Run("initdb", "-D", $"{_folder}/data", "-U", "owner", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8");
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        Run(
            "pg_ctl", "-D", $"{_folder}/data", "-w", "-l", $"{_folder}/log", "-o",
            $"-c port={Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c fsync=off -c max_wal_size=4GB", "start");
    }

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=owner;Database=postgres;Pooling=false";

    public static SourceServer Start() => new();

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public void Dispose()
    {
        Run("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private void Run(string program, params string[] arguments)
    {
        // The server refuses to run as root.
        string[] all = Environment.UserName == "root"
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", $"{_programs}/{program}", .. arguments]
            : [$"{_programs}/{program}", .. arguments];
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = "/", RedirectStandardOutput = true })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {(File.Exists($"{_folder}/log") ? File.ReadAllText($"{_folder}/log") : "")}");
        }
    }
}
