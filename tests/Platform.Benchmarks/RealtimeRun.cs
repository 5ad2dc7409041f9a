using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Platform.Benchmarks;

/// <summary>
/// Changes of rows to many subscribers: how long from the commit to the frame at a steady rate, and whether a burst comes completely and in
/// order.
/// </summary>
internal static class RealtimeRun
{
    private const int Subscribers = 100;
    private const int PerSecond = 100;
    private const int Seconds = 10;

    // Both sides begin with code that is not compiled yet: told, and not counted.
    private const int WarmUpSeconds = 3;
    private const int Burst = 10_000;
    private const int BurstBatch = 500;

    public static async Task RunAsync(HostProcess host, string databaseUrl, string token, Guid userId)
    {
        await using var connection = new NpgsqlConnection(ConnectionString.Of(databaseUrl));
        await connection.OpenAsync();
        var id = Guid.CreateVersion7();
        await ExecuteAsync(connection, "insert into dashboards.dashboards (id, user_id, name) values ($1, $2, 'watched')", id, userId);
        var committed = new ConcurrentDictionary<int, long>();
        var sockets = await Task.WhenAll(Enumerable.Range(0, Subscribers).Select(_ => SubscribeAsync(host, token)));
        try
        {
            var (warmUp, steady) = (PerSecond * WarmUpSeconds, PerSecond * (WarmUpSeconds + Seconds));
            var receiving = Task.WhenAll(sockets.Select(socket => ReceiveAsync(socket, 1, steady, committed)));
            await UpdateSteadilyAsync(connection, id, steady, committed);
            var received = await receiving;
            var first = received.SelectMany(mine => mine.Take(warmUp)).Order().ToArray();
            var latencies = received.SelectMany(mine => mine.Skip(warmUp)).Order().ToArray();
            Console.WriteLine();
            Console.WriteLine(
                $"realtime, {PerSecond} changes/s to {Subscribers} subscribers: {latencies.Length} frames, from commit to frame "
                + $"p50 {At(latencies, 0.5):F1} ms, p95 {At(latencies, 0.95):F1} ms, p99 {At(latencies, 0.99):F1} ms (p99 of the first {WarmUpSeconds} s: {At(first, 0.99):F1} ms)");

            receiving = Task.WhenAll(sockets.Select(socket => ReceiveAsync(socket, steady + 1, Burst, committed)));
            var clock = Stopwatch.StartNew();
            for (var start = steady + 1; start <= steady + Burst; start += BurstBatch)
            {
                await UpdateManyAsync(connection, id, start);
            }

            var frames = (await receiving).Sum(mine => mine.Count);
            Console.WriteLine(
                $"realtime, a burst of {Burst} changes to {Subscribers} subscribers: {frames} frames, complete and in order, in "
                + $"{clock.Elapsed.TotalSeconds:F1} s ({frames / clock.Elapsed.TotalSeconds:F0}/s), resident memory {host.ResidentMegabytes:F0} MiB");
        }
        finally
        {
            foreach (var socket in sockets)
            {
                socket.Dispose();
            }
        }
    }

    private static async Task<ClientWebSocket> SubscribeAsync(HostProcess host, string token)
    {
        var socket = new ClientWebSocket();
        var key = host.Connection.GetProperty("anon_key").GetString();
        await socket.ConnectAsync(
            new Uri($"ws://127.0.0.1:{host.Url.Port}/realtime/v1/websocket?vsn=2.0.0&apikey={key}"), CancellationToken.None);
        var join = JsonSerializer.Serialize(new object[]
        {
            "1", "1", "realtime:bench", "phx_join",
            new
            {
                access_token = token,
                config = new { postgres_changes = new[] { new { @event = "UPDATE", schema = "dashboards", table = "dashboards" } } },
            },
        });
        await socket.SendAsync(Encoding.UTF8.GetBytes(join), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        string text;
        do
        {
            text = await ReadAsync(socket, buffer);
        }
        while (!text.Contains("Subscribed to PostgreSQL", StringComparison.Ordinal));
        return socket;
    }

    // The description is the number of the change: each must be the one after the last.
    private static async Task<List<double>> ReceiveAsync(ClientWebSocket socket, int first, int count, ConcurrentDictionary<int, long> committed)
    {
        var latencies = new List<double>(count);
        var buffer = new byte[64 * 1024];
        for (var expected = first; expected < first + count; expected++)
        {
            var text = await ReadAsync(socket, buffer);
            var now = Stopwatch.GetTimestamp();
            var number = NumberIn(text);
            if (number != expected)
            {
                throw new InvalidOperationException($"Change {number} came where {expected} was expected: {text}");
            }

            latencies.Add(committed.TryGetValue(number, out var at) ? Stopwatch.GetElapsedTime(at, now).TotalMilliseconds : 0);
        }

        return latencies;
    }

    private static int NumberIn(string text)
    {
        const string Member = "\"description\":\"";
        var start = text.IndexOf(Member, StringComparison.Ordinal) + Member.Length;
        return int.Parse(text.AsSpan(start, text.IndexOf('"', start) - start), CultureInfo.InvariantCulture);
    }

    private static async Task<string> ReadAsync(ClientWebSocket socket, byte[] buffer)
    {
        var length = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += result.Count;
        }
        while (!result.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static async Task UpdateSteadilyAsync(NpgsqlConnection connection, Guid id, int count, ConcurrentDictionary<int, long> committed)
    {
        var clock = Stopwatch.StartNew();
        for (var number = 1; number <= count; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / PerSecond) - clock.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }

            await ExecuteAsync(connection, "update dashboards.dashboards set description = $2 where id = $1", id, $"{number}");
            committed[number] = Stopwatch.GetTimestamp();
        }
    }

    // Each number is a statement of its own, in one transaction.
    private static async Task UpdateManyAsync(NpgsqlConnection connection, Guid id, int start)
    {
        await using var batch = new NpgsqlBatch(connection);
        for (var number = start; number < start + BurstBatch; number++)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("update dashboards.dashboards set description = $2 where id = $1")
            {
                Parameters = { new NpgsqlParameter { Value = id }, new NpgsqlParameter { Value = $"{number}" } },
            });
        }

        await batch.ExecuteNonQueryAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        await command.ExecuteNonQueryAsync();
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)(share * (sorted.Length - 1))];
}
