using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Platform.Connectors.Types.Redis;

namespace Platform.Connectors.Tests.Sources;

/// <summary>
/// A Redis server that stands for somebody's, on a free loopback port in a folder of its own. Its administrator is <c>owner</c>; whoever
/// signs in as <c>reader</c> may read keys outside of <c>secret:</c>.
/// </summary>
internal sealed class SourceRedis : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _process;

    private SourceRedis(string folder, Process process, int port, int tlsPort, string certificate) =>
        (_folder, _process, Port, TlsPort, Certificate) = (folder, process, port, tlsPort, certificate);

    public int Port { get; }

    public int TlsPort { get; }

    public string Certificate { get; }

    public static async Task<SourceRedis> StartAsync(bool inCluster = false)
    {
        var folder = Directory.CreateTempSubdirectory("source-redis-").FullName;
        var created = ServerCertificate.Create();
        await File.WriteAllTextAsync($"{folder}/server.crt", created.Certificate);
        await File.WriteAllTextAsync($"{folder}/server.key", created.PrivateKey);
        var (port, tlsPort) = (FreePort.Find(), FreePort.Find());
        var more = inCluster
            ? string.Create(CultureInfo.InvariantCulture, $"cluster-enabled yes\ncluster-port {FreePort.Find()}")
            : $"tls-port {tlsPort}\ntls-cert-file server.crt\ntls-key-file server.key\ntls-auth-clients no";
        await File.WriteAllTextAsync(
            $"{folder}/redis.conf",
            $"""
            port {port}
            bind 127.0.0.1
            dir {folder}
            save ""
            logfile log
            user default off
            user owner on >ownerpass ~* &* +@all
            user reader on >readerpass ~user:* ~tags:* ~queue ~x:* +@read +@connection -@dangerous +dbsize
            {more}
            """);
        var process = Process.Start(new ProcessStartInfo("redis-server", [$"{folder}/redis.conf"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        var server = new SourceRedis(folder, process, port, tlsPort, created.Certificate);
        await server.WaitUntilReadyAsync();
        return server;
    }

    /// <summary>Runs a command as the owner.</summary>
    public async Task<RespValue> ExecuteAsync(params string[] command)
    {
        var settings = Settings.Of(new { host = "127.0.0.1", port = Port, username = "owner" }, new { password = "ownerpass" });
        await using var session = await RedisSession.OpenAsync(settings, new LoopbackEgress(), CancellationToken.None);
        return await session.AskAsync(command, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WaitUntilReadyAsync()
    {
        for (var attempt = 0; attempt < 200 && !_process.HasExited; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        var log = Path.Combine(_folder, "log");
        Assert.Fail($"Redis did not start: {(File.Exists(log) ? await File.ReadAllTextAsync(log) : await _process.StandardOutput.ReadToEndAsync())}");
    }
}
