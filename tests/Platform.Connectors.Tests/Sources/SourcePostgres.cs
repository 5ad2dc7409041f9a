using System.Diagnostics;
using Npgsql;

namespace Platform.Connectors.Tests.Sources;

/// <summary>A PostgreSQL server that stands for somebody's database: passwords by SCRAM, TLS with a certificate of its own.</summary>
internal sealed class SourcePostgres : IDisposable
{
    private readonly string _folder;
    private readonly string _binaries;

    private SourcePostgres(string folder, string binaries, int port) => (_folder, _binaries, Port) = (folder, binaries, port);

    public int Port { get; }

    public string Certificate { get; private set; } = "";

    public static SourcePostgres Start()
    {
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";
        var folder = Directory.CreateTempSubdirectory("source-postgres-").FullName;
        var server = new SourcePostgres(folder, binaries, FreePort.Find());
        server.Initialise();
        return server;
    }

    public string ConnectionString(string database = "shop", string username = "owner", string password = "owner password") =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = username,
            Password = password,
            Pooling = false,
        }.ConnectionString;

    public async Task ExecuteAsync(string sql, string database = "shop")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What the server has logged.</summary>
    public string ReadLog() => File.ReadAllText($"{_folder}/log");

    public void Dispose()
    {
        Run("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private void Initialise()
    {
        RunAsSelf("chmod", "777", _folder);
        File.WriteAllText($"{_folder}/password", "owner password");
        Run("initdb", "-D", $"{_folder}/data", "-U", "owner", $"--pwfile={_folder}/password", "--auth=scram-sha-256", "--no-sync", "--locale=C", "--encoding=UTF8");
        WriteCertificate();
        Run("pg_ctl", "-D", $"{_folder}/data", "-w", "-l", $"{_folder}/log", "-o",
            $"-c port={Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c fsync=off -c ssl=on "
            + $"-c ssl_cert_file={_folder}/server.crt -c ssl_key_file={_folder}/server.key", "start");
    }

    private void WriteCertificate()
    {
        var created = ServerCertificate.Create();
        Certificate = created.Certificate;
        File.WriteAllText($"{_folder}/server.crt", Certificate);
        File.WriteAllText($"{_folder}/server.key.root", created.PrivateKey);
        // The server reads a key of its own user alone.
        RunTool("cp", $"{_folder}/server.key.root", $"{_folder}/server.key");
        RunTool("chmod", "600", $"{_folder}/server.key");
    }

    private void Run(string program, params string[] arguments) => RunTool($"{_binaries}/{program}", arguments);

    private void RunTool(string program, params string[] arguments)
    {
        // The server refuses to run as root.
        string[] prefix = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", program] : [program];
        RunAsSelf(prefix[0], [.. prefix.Skip(1), .. arguments]);
    }

    private void RunAsSelf(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        // pg_ctl's server inherits the pipes: wait for the process, not for their end.
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, (
            ) => $"{program} failed: {(File.Exists($"{_folder}/log") ? File.ReadAllText($"{_folder}/log") : "")}");
    }
}
