using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using static Platform.Benchmarks.WorkflowApi;

namespace Platform.Benchmarks;

/// <summary>
/// Executions from a signed webhook to their end, everything saved: how many a second, how soon the first step begins, how long a chain of
/// fifty steps takes, what one costs in CPU, and how that stands to a bare loop that does the same inserts and updates.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class WorkflowRun
{
    private const int Connections = 32;
    private const int ChainLength = 50;
    private const int ChainRuns = 15;
    private const int ChainRunsToWarm = 15;

    public static async Task RunAsync(HostProcess host, HttpClient client, string token, double seconds)
    {
        using var api = new HttpClient { BaseAddress = host.Url };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await using var source = NpgsqlDataSource.Create(ConnectionString.Of(host.Connection.GetProperty("database_url").GetString()!));
        var hook = await CreateHookAsync(api);

        await LoadAsync(host, source, hook, seconds);
        var cpu = CpuSeconds(host);
        var (perSecond, count, load) = await LoadAsync(host, source, hook, seconds);
        cpu = CpuSeconds(host) - cpu;
        Console.WriteLine();
        Console.WriteLine($"signed webhook to end state, 5 steps  {perSecond,7:F0}/s of {count} executions, {cpu * 1000 / count:F2} ms of CPU each (Host and PostgreSQL)");
        Console.WriteLine($"  accepting  {load}");

        var bare = await BareAsync(source, seconds);
        Console.WriteLine($"  bare loop of the same inserts and updates  {bare,7:F0}/s: {perSecond / bare:P0} of it");

        await FirstStepAsync(host, source, hook, perSecond / 2, seconds);
        await ChainsAsync(api, source);
    }

    private static async Task<HookAddress> CreateHookAsync(HttpClient api)
    {
        var workflow = await PublishAsync(api, "five steps",
            Step("set", "transform", new { value = new { id = "{{ input.id }}", amount = "{{ input.amount * 100 }}" } }),
            Step("large", "condition", new { @if = "{{ steps.set.output.amount > 1000 }}" }, "set"),
            Step("shape", "transform", new { value = new { text = "Order {{ steps.set.output.id }}", large = "{{ steps.large.output.value }}" } }, "large"),
            Step("total", "transform", new { value = "{{ input.lines.reduce((sum, line) => sum + line.price * line.count, 0) }}" }, "shape"),
            Step("respond", "transform", new { value = new { order = "{{ steps.shape.output.text }}", total = "{{ steps.total.output }}" } }, "total"));
        return await HookAsync(api, workflow);
    }

    private static async Task<(double PerSecond, long Count, LoadResult Load)> LoadAsync(
        HostProcess host, NpgsqlDataSource source, HookAddress hook, double seconds)
    {
        var before = await CountAsync(source, hook.WorkflowId, ended: true);
        var begun = Stopwatch.GetTimestamp();
        var load = await LoadGenerator.RunAsync(host.Url, Connections, seconds, turn => Call(hook, turn));
        var accepted = await CountAsync(source, hook.WorkflowId, ended: false) - before;
        while (await CountAsync(source, hook.WorkflowId, ended: true) - before < accepted)
        {
            await Task.Delay(20);
        }

        return (accepted / Stopwatch.GetElapsedTime(begun).TotalSeconds, accepted, load);
    }

    private static byte[] Call(HookAddress hook, int turn) => SignedCall(
        hook, $$"""{"id":{{turn}},"amount":{{turn % 40}},"lines":[{"price":3,"count":{{turn % 7}}},{"price":5,"count":2}]}""");

    // Calls at an even pace, whatever the answers do.
    private static async Task FirstStepAsync(HostProcess host, NpgsqlDataSource source, HookAddress hook, double perSecond, double seconds)
    {
        var since = await ScalarAsync<DateTime>(source, "select clock_timestamp()");
        await LoadGenerator.RunAsync(host.Url, Connections, seconds, turn => Call(hook, turn), perSecond);
        await Task.Delay(500);
        await using var command = source.CreateCommand(
            """
            select percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from first.at - e.created_at) * 1000)
            from workflows.workflow_executions as e
              join lateral (select min(s.started_at) as at from workflows.execution_steps as s where s.execution_id = e.id) as first on true
            where e.workflow_id = $1 and e.created_at > $2
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = hook.WorkflowId });
        command.Parameters.Add(new NpgsqlParameter { Value = since });
        var times = (double[])(await command.ExecuteScalarAsync())!;
        Console.WriteLine($"first step at {perSecond:F0}/s  p50 {times[0]:F1} ms   p95 {times[1]:F1} ms   p99 {times[2]:F1} ms");
    }

    private static async Task ChainsAsync(HttpClient api, NpgsqlDataSource source)
    {
        await using var server = await EchoServer.StartAsync();
        foreach (var (name, step) in new (string, Func<int, object>)[]
        {
            ("pure", index => Step($"s{index}", "transform", new { value = $"{{{{ {index} + input.n }}}}" }, Before(index))),
            ("effectful", index => Step($"s{index}", "http_request", new { url = server.Url }, Before(index))),
        })
        {
            var workflow = await PublishAsync(api, $"chain of {name} steps", [.. Enumerable.Range(0, ChainLength).Select(step)]);
            for (var run = 0; run < ChainRunsToWarm + ChainRuns; run++)
            {
                using var started = await api.PostAsJsonAsync($"/api/v1/workflows/{workflow}/executions", new { input = new { n = run } });
                var execution = (await started.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
                while (!await ScalarAsync<bool>(source, "select completed_at is not null from workflows.workflow_executions where id = $1", execution))
                {
                    await Task.Delay(20);
                }
            }

            var took = await ScalarAsync<double>(
                source,
                """
                select percentile_cont(0.5) within group (order by extract(epoch from e.completed_at - e.created_at) * 1000)
                from workflows.workflow_executions as e
                where e.workflow_id = $1 and e.status = 'succeeded' and (e.execution_data ->> 'n')::integer >= $2
                """,
                workflow, ChainRunsToWarm);
            Console.WriteLine($"chain of {ChainLength} {name} steps, the median of {ChainRuns}  {took:F1} ms");
        }

        static string[] Before(int index) => index == 0 ? [] : [$"s{index - 1}"];
    }

    // What an execution writes, with nothing that decides it: a row that is inserted and updated, five steps, and its events.
    private static async Task<double> BareAsync(NpgsqlDataSource source, double seconds)
    {
        var (owner, workflow) = await OwnerAsync(source);
        var count = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var connection = await source.OpenConnectionAsync();
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await using var batch = new NpgsqlBatch(connection, transaction);
                var id = Guid.CreateVersion7();
                Add(batch, "insert into workflows.workflow_executions (id, workflow_id, user_id, version, trigger, execution_data, status, lease_until, fence) values ($1, $2, $3, 1, 'webhook', '{\"id\": 1, \"amount\": 12}', 'running', now() + interval '30 seconds', 1)", id, workflow, owner);
                for (var step = 0; step < 5; step++)
                {
                    Add(batch, "insert into workflows.execution_steps (id, execution_id, user_id, key, type, status, attempts, input, output, started_at, completed_at) values ($1, $2, $3, $4, 'transform', 'succeeded', 1, '{\"value\": 1}', '{\"text\": \"Order 1\"}', now(), now())", Guid.CreateVersion7(), id, owner, $"s{step}");
                }

                Add(batch, "update workflows.workflow_executions set status = 'succeeded', results = '{\"respond\": {\"total\": 10}}', completed_at = now(), started_at = now(), lease_until = null where id = $1", id);
                Add(batch, "insert into platform.stream_topics (topic, user_id, last_seq) values ($1, $2, 7)", $"execution:{id}", owner);
                Add(batch, "insert into platform.stream_events (topic, seq, user_id, type, payload, final) select $1, n, $2, 'step.finished', '{\"key\": \"s1\", \"type\": \"transform\", \"status\": \"succeeded\"}', n = 7 from generate_series(1, 7) as n", $"execution:{id}", owner);
                await batch.ExecuteNonQueryAsync();
                await transaction.CommitAsync();
                Interlocked.Increment(ref count);
            }
        }));
        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task<(Guid Owner, Guid Workflow)> OwnerAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select user_id, id from workflows.workflows limit 1");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetGuid(0), reader.GetGuid(1));
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        batch.BatchCommands.Add(command);
    }

    private static Task<long> CountAsync(NpgsqlDataSource source, Guid workflow, bool ended) => ScalarAsync<long>(
        source,
        ended
            ? "select count(*) from workflows.workflow_executions where workflow_id = $1 and status in ('succeeded', 'failed', 'cancelled')"
            : "select count(*) from workflows.workflow_executions where workflow_id = $1",
        workflow);

    // User and system time of the Host and of every PostgreSQL process, in seconds (proc(5): fields 14 and 15, a hundredth each).
    private static double CpuSeconds(HostProcess host) => Directory.EnumerateDirectories("/proc")
        .Where(place => int.TryParse(Path.GetFileName(place), out _))
        .Sum(place =>
        {
            try
            {
                var stat = File.ReadAllText($"{place}/stat");
                var end = stat.LastIndexOf(')');
                var name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end];
                if (name != "postgres" && Path.GetFileName(place) != host.Id.ToString(CultureInfo.InvariantCulture))
                {
                    return 0;
                }

                var fields = stat[(end + 2)..].Split(' ');
                return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
            }
            catch (IOException)
            {
                return 0;
            }
        });
}
