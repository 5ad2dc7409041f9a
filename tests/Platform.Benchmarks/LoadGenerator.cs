using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Platform.Benchmarks;

/// <summary>What a load came to.</summary>
internal sealed record LoadResult(double PerSecond, double P50, double P95, double P99, int Failures, string? FirstFailure)
{
    public override string ToString() => $"{PerSecond,8:F0}/s   p50 {P50,6:F2} ms   p95 {P95,6:F2} ms   p99 {P99,6:F2} ms   failures {Failures} {FirstFailure}";
}

/// <summary>
/// Keep-alive connections that each send a request and wait for its answer. Written on sockets, because it shares the machine with what it
/// measures: a client that costs as much as the server would hide the server.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>Runs a load.</summary>
    /// <param name="server">The server.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="request">The request of a connection's n-th turn, as it goes over the wire.</param>
    /// <param name="perSecond">The pace of all connections together; as fast as the answers come where left out.</param>
    public static Task<LoadResult> RunAsync(Uri server, int connections, double seconds, Func<int, byte[]> request, double? perSecond = null) =>
        RunAsync(server, connections, elapsed => elapsed.TotalSeconds < seconds ? int.MaxValue : 0, request, perSecond);

    /// <summary>Sends so many requests as fast as the answers come.</summary>
    public static Task<LoadResult> RunAsync(Uri server, int connections, int count, Func<int, byte[]> request) =>
        RunAsync(server, connections, _ => count - connections + 1, request);

    // The limit says, for the time since the start, how many requests there are in all.
    private static async Task<LoadResult> RunAsync(
        Uri server, int connections, Func<TimeSpan, int> limit, Func<int, byte[]> request, double? perSecond = null)
    {
        var turn = 0;
        var failures = 0;
        string? firstFailure = null;
        var clock = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            var mine = new List<double>(10_000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            var buffer = new byte[256 * 1024];
            while (turn < limit(clock.Elapsed))
            {
                var number = Interlocked.Increment(ref turn);
                if (perSecond is { } pace && TimeSpan.FromSeconds(number / pace) - clock.Elapsed is { Ticks: > 0 } early)
                {
                    await Task.Delay(early);
                }

                var started = Stopwatch.GetTimestamp();
                await socket.SendAsync(request(number));
                if (await ReadAsync(socket, buffer) is { } failure)
                {
                    Interlocked.Increment(ref failures);
                    Interlocked.CompareExchange(ref firstFailure, failure, null);
                }

                mine.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return mine;
        }));
        var elapsed = clock.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(mine => mine).Order().ToArray();
        return new LoadResult(all.Length / elapsed, At(all, 0.50), At(all, 0.95), At(all, 0.99), failures, firstFailure);
    }

    /// <summary>Sends each request once, one after the other, on one connection.</summary>
    public static Task<LoadResult> RunAsync(Uri server, IReadOnlyList<byte[]> requests) => RunAsync(
        server, connections: 1, _ => requests.Count, turn => requests[turn - 1]);

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)(share * (sorted.Length - 1))];

    // Answers null, or what the server said where it was not a success.
    private static async Task<string?> ReadAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        var end = -1;
        while (end < 0)
        {
            length += await ReceiveAsync(socket, buffer.AsMemory(length));
            end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }

        var head = Encoding.ASCII.GetString(buffer, 0, end);
        var body = end + 4;
        var success = head.AsSpan(9, 1).SequenceEqual("2");
        var sized = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (sized >= 0)
        {
            var digits = head.AsSpan(sized + 16);
            var stop = digits.IndexOf('\r');
            var total = body + int.Parse(stop < 0 ? digits : digits[..stop], System.Globalization.CultureInfo.InvariantCulture);
            while (length < total)
            {
                length += await ReceiveAsync(socket, buffer.AsMemory(length));
            }
        }
        else
        {
            while (!buffer.AsSpan(body, length - body).EndsWith("0\r\n\r\n"u8))
            {
                length += await ReceiveAsync(socket, buffer.AsMemory(length));
            }
        }

        return success ? null : Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static async Task<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        var read = await socket.ReceiveAsync(buffer);
        return read > 0 ? read : throw new IOException("The server closed the connection.");
    }
}
