using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Platform.Benchmarks;

/// <summary>
/// What it adds to a request that its access token is validated: the same route, which asks for nobody, with a token and without. A token
/// that was just seen is the usual case; one that never was costs a signature and a look at the session.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class TokenRun
{
    private const string Path = "/health/live";
    private const int Connections = 8;
    private const int Rounds = 4;
    private const double Seconds = 3;
    private const int NewTokens = 2_000;

    public static async Task RunAsync(HostProcess host, HttpClient client)
    {
        var key = host.Connection.GetProperty("anon_key").GetString()!;
        var session = await PostAsync(
            client, host, key, "signup", new { email = "tokens@example.com", password = "a long enough password" });
        var tokens = new List<byte[]>(NewTokens);
        for (var number = 0; number < NewTokens; number++)
        {
            var refreshToken = session.GetProperty("refresh_token").GetString();
            session = await PostAsync(client, host, key, "token?grant_type=refresh_token", new { refresh_token = refreshToken });
            tokens.Add(Request(session.GetProperty("access_token").GetString()));
        }

        var plain = Request(null);
        var known = tokens[^1];
        await MeasureAsync(host, 2 * Seconds, _ => plain);
        await MeasureAsync(host, 2 * Seconds, _ => known);
        var without = new List<Cost>();
        var with = new List<Cost>();
        for (var round = 0; round < Rounds; round++)
        {
            without.Add(await MeasureAsync(host, Seconds, _ => plain));
            with.Add(await MeasureAsync(host, Seconds, _ => known));
        }

        Console.WriteLine();
        Report("a token that was just seen", with, without);
        Report("a token that never was seen", [await MeasureNewAsync(host, tokens)], without);
    }

    private static void Report(string name, List<Cost> with, List<Cost> without) => Console.WriteLine(
        $"{name} adds {with.Average(cost => cost.Cpu) - without.Average(cost => cost.Cpu):F1} us of CPU and "
        + $"{with.Average(cost => cost.Latency) - without.Average(cost => cost.Latency):F1} us of latency (p50) to the "
        + $"{without.Average(cost => cost.Cpu):F1} us and {without.Average(cost => cost.Latency):F1} us of a request");

    private static async Task<Cost> MeasureAsync(HostProcess host, double seconds, Func<int, byte[]> request)
    {
        var before = host.CpuTime;
        var load = await LoadGenerator.RunAsync(host.Url, Connections, seconds, request);
        var cpu = host.CpuTime - before;
        var alone = await LoadGenerator.RunAsync(host.Url, 1, seconds / 3, request);
        return load.Failures + alone.Failures == 0
            ? new Cost(cpu.TotalMicroseconds / (load.PerSecond * seconds), alone.P50 * 1_000)
            : throw new InvalidOperationException($"A request failed: {load.FirstFailure ?? alone.FirstFailure}");
    }

    // One connection and each token once, so that none is remembered.
    private static async Task<Cost> MeasureNewAsync(HostProcess host, List<byte[]> tokens)
    {
        var before = host.CpuTime;
        var load = await LoadGenerator.RunAsync(host.Url, tokens);
        return load.Failures == 0
            ? new Cost((host.CpuTime - before).TotalMicroseconds / tokens.Count, load.P50 * 1_000)
            : throw new InvalidOperationException($"A request failed: {load.FirstFailure}");
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, HostProcess host, string key, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Url, $"/auth/v1/{path}"))
        {
            Content = JsonContent.Create(body),
        };
        request.Headers.Add("apikey", key);
        using var response = await client.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private static byte[] Request(string? token) => Encoding.ASCII.GetBytes(
        $"GET {Path} HTTP/1.1\r\nHost: localhost\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}\r\n");

    /// <summary>Of one request, in microseconds.</summary>
    private sealed record Cost(double Cpu, double Latency);
}
