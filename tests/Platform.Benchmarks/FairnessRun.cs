using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;
using static Platform.Benchmarks.WorkflowApi;

namespace Platform.Benchmarks;

/// <summary>
/// What the queue of one owner does to the wait of another, and how late executions wake that wait for a time.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class FairnessRun
{
    private const int Queued = 10_000;
    private const int Connections = 16;
    private const double PerSecond = 20;
    private const double Seconds = 20;
    private static readonly TimeSpan OutsideTakes = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan WakesOver = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(HostProcess host, string busyToken, string otherToken)
    {
        using var busy = Client(host, busyToken);
        using var other = Client(host, otherToken);
        await using var source = NpgsqlDataSource.Create(ConnectionString.Of(host.Connection.GetProperty("database_url").GetString()!));
        await using var outside = await EchoServer.StartAsync(OutsideTakes);
        var small = await HookAsync(other, await PublishAsync(
            other, "small", Step("double", "transform", new { value = "{{ input.n * 2 }}" }), Step("half", "transform", new { value = "{{ input.n / 2 }}" }, "double")));
        var slow = await HookAsync(busy, await PublishAsync(busy, "slow", Step("call", "http_request", new { url = outside.Url })));
        var quick = await HookAsync(busy, await PublishAsync(busy, "quick", Step("double", "transform", new { value = "{{ input.n * 2 }}" })));

        Console.WriteLine();
        await WaitsAsync(host, source, small);
        Console.WriteLine($"wait of {PerSecond:F0} executions/s, nobody else there     {await WaitsAsync(host, source, small)}");
        foreach (var (name, queue) in new[] { ("that call outside", slow), ("that only compute", quick) })
        {
            var filling = LoadGenerator.RunAsync(host.Url, Connections, Queued, turn => SignedCall(queue, $$"""{"n":{{turn}}}"""));
            // What only computes is done as fast as it comes, so it is measured while it comes.
            if (queue == slow)
            {
                await filling;
            }

            var before = await QueuedAsync(source, queue);
            var waits = await WaitsAsync(host, source, small);
            Console.WriteLine($"  with {Queued} of another owner {name}   {waits}   ({before} queued before, {await QueuedAsync(source, queue)} after)");
            await filling;
            using var paused = await busy.PostAsync(new Uri($"/api/v1/workflows/{queue.WorkflowId}/pause", UriKind.Relative), null);
            await using var rest = source.CreateCommand("delete from workflows.workflow_executions where workflow_id = $1 and status = 'queued'");
            rest.Parameters.Add(new NpgsqlParameter { Value = queue.WorkflowId });
            await rest.ExecuteNonQueryAsync();
        }

        await WakeAsync(host, source, other);
    }

    private static HttpClient Client(HostProcess host, string token)
    {
        var client = new HttpClient { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static Task<long> QueuedAsync(NpgsqlDataSource source, HookAddress hook) => ScalarAsync<long>(
        source, "select count(*) from workflows.workflow_executions where workflow_id = $1 and status = 'queued'", hook.WorkflowId);

    /// <summary>From the acceptance of an execution to the begin of its first step.</summary>
    private static async Task<string> WaitsAsync(HostProcess host, NpgsqlDataSource source, HookAddress hook)
    {
        var since = await ScalarAsync<DateTime>(source, "select clock_timestamp()");
        await LoadGenerator.RunAsync(host.Url, 4, Seconds, turn => SignedCall(hook, $$"""{"n":{{turn}}}"""), PerSecond);
        while (await ScalarAsync<long>(
            source, "select count(*) from workflows.workflow_executions where workflow_id = $1 and completed_at is null", hook.WorkflowId) > 0)
        {
            await Task.Delay(100);
        }

        return await LagsAsync(
            source,
            """
            select percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from first.at - e.created_at) * 1000)
            from workflows.workflow_executions as e
              join lateral (select min(s.started_at) as at from workflows.execution_steps as s where s.execution_id = e.id) as first on true
            where e.workflow_id = $1 and e.created_at > $2
            """,
            hook.WorkflowId, since);
    }

    private static async Task WakeAsync(HostProcess host, NpgsqlDataSource source, HttpClient api)
    {
        var sleeper = await HookAsync(api, await PublishAsync(
            api, "sleeper", Step("sleep", "delay", new { until = "{{ input.until }}" }), Step("wake", "transform", new { value = 1 }, "sleep")));
        var first = TimeProvider.System.GetUtcNow().AddSeconds(60);
        var filled = Stopwatch.GetTimestamp();
        await LoadGenerator.RunAsync(host.Url, Connections, Queued, turn => SignedCall(
            sleeper, $$"""{"until":"{{(first + (WakesOver * turn / Queued)).ToString("O", CultureInfo.InvariantCulture)}}"}"""));
        while (await ScalarAsync<long>(
            source, "select count(*) from workflows.workflow_executions where workflow_id = $1 and status <> 'waiting'", sleeper.WorkflowId) > 0
            && TimeProvider.System.GetUtcNow() < first)
        {
            await Task.Delay(200);
        }

        Console.WriteLine($"{Queued} executions wait after {Stopwatch.GetElapsedTime(filled).TotalSeconds:F0} s, resident memory {host.ResidentMegabytes:F0} MiB");
        var cpu = host.CpuTime;
        if (first - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } left)
        {
            await Task.Delay(left);
            Console.WriteLine($"  the Host's processor time meanwhile: {(host.CpuTime - cpu).TotalMilliseconds / left.TotalSeconds:F0} ms a second");
        }

        while (await ScalarAsync<long>(
            source, "select count(*) from workflows.workflow_executions where workflow_id = $1 and completed_at is null", sleeper.WorkflowId) > 0)
        {
            await Task.Delay(200);
        }

        Console.WriteLine("  woken late by   " + await LagsAsync(
            source,
            """
            select percentile_cont(array[0.5, 0.95, 0.99]) within group (
              order by extract(epoch from s.started_at - (e.execution_data ->> 'until')::timestamptz) * 1000)
            from workflows.workflow_executions as e join workflows.execution_steps as s on s.execution_id = e.id and s.key = 'wake'
            where e.workflow_id = $1
            """,
            sleeper.WorkflowId));
    }

    private static async Task<string> LagsAsync(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        var times = await ScalarAsync<double[]>(source, sql, parameters);
        return $"p50 {times[0],6:F1} ms   p95 {times[1],6:F1} ms   p99 {times[2],6:F1} ms";
    }
}
