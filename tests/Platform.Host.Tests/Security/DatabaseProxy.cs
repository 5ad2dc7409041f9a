using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Platform.Host.Tests.Security;

/// <summary>
/// Stands between the application and PostgreSQL and counts the times that the application waits for an answer: each Sync, and each
/// simple query but BEGIN, which travels with the statement after it (PostgreSQL manual, "Message Formats").
/// </summary>
internal sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly EndPoint _target;
    private readonly Task _accepting;
    private int _roundTrips;

    public DatabaseProxy(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        _target = settings.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint(Path.Combine(settings.Host, $".s.PGSQL.{settings.Port}"))
            : new IPEndPoint(IPAddress.Parse(settings.Host), settings.Port);
        _listener.Start();
        settings.Host = "127.0.0.1";
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        settings.SslMode = SslMode.Disable;
        ConnectionString = settings.ConnectionString;
        _accepting = AcceptAsync();
    }

    /// <summary>The same database by way of the proxy.</summary>
    public string ConnectionString { get; }

    public int RoundTrips => Volatile.Read(ref _roundTrips);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await server.ConnectAsync(_target, _stopping.Token);
        await using var fromClient = new NetworkStream(client, ownsSocket: true);
        await using var toServer = new NetworkStream(server);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var answers = CopyAsync(toServer, fromClient, ended);
        await ForwardAsync(fromClient, toServer, ended);
        await answers;
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationTokenSource ended)
    {
        try
        {
            await from.CopyToAsync(to, ended.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The other side hung up.
        }

        await ended.CancelAsync();
    }

    private async Task ForwardAsync(Stream client, Stream server, CancellationTokenSource ended)
    {
        try
        {
            // The first message alone has no type.
            var length = new byte[4];
            await client.ReadExactlyAsync(length, ended.Token);
            await PassAsync(client, server, length, BinaryPrimitives.ReadInt32BigEndian(length) - 4, ended.Token);
            var header = new byte[5];
            while (true)
            {
                await client.ReadExactlyAsync(header, ended.Token);
                var body = await PassAsync(client, server, header, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4, ended.Token);
                if (header[0] == 'S' || (header[0] == 'Q' && !Encoding.UTF8.GetString(body).StartsWith("BEGIN", StringComparison.Ordinal)))
                {
                    Interlocked.Increment(ref _roundTrips);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            await ended.CancelAsync();
        }
    }

    private static async Task<byte[]> PassAsync(Stream from, Stream to, byte[] header, int length, CancellationToken cancellationToken)
    {
        var body = new byte[length];
        await from.ReadExactlyAsync(body, cancellationToken);
        await to.WriteAsync((byte[])[.. header, .. body], cancellationToken);
        return body;
    }
}
