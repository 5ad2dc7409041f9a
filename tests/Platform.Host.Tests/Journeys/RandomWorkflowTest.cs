using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>Random workflows under load on Hosts that are processes of their own, compared with an interpreter.</summary>
public abstract class RandomWorkflowTest : HostJourney
{
    private const int Workflows = 12;
    private const int Callers = 4;
    private const int ExecutionsOfACaller = 10;
    private readonly ConcurrentDictionary<string, bool> _flaky = new();
    private readonly ConcurrentQueue<(Guid Id, RandomWorkflow Workflow, int Input)> _started = [];

    private protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);

    private protected int Started => _started.Count;

    private protected Task LoadAsync(HttpClient client, List<(string Path, RandomWorkflow Workflow)> workflows, Random random) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(client, workflows, new Random(random.Next()))));

    private protected (int Status, object Body) Answer(SeenRequest request)
    {
        if (request.Path == "/failing" || (request.Path == "/flaky" && _flaky.TryAdd(request.IdempotencyKey!, true)))
        {
            return (request.Path == "/failing" ? 400 : 503, new { });
        }

        return (200, new { v = RandomWorkflow.Answer(JsonDocument.Parse(request.Body).RootElement.GetProperty("x").GetInt32()) });
    }

    private protected static async Task<List<(string Path, RandomWorkflow Workflow)>> PublishAsync(HttpClient client, string outside, Random random)
    {
        var workflows = new List<(string, RandomWorkflow)>();
        for (var index = 0; index < Workflows; index++)
        {
            var workflow = new RandomWorkflow(random.Next());
            var path = await PublishAsync(client, $"random {index}", [.. workflow.Definition(outside)]);
            workflows.Add((path, workflow));
        }

        return workflows;
    }

    private async Task CallAsync(HttpClient client, List<(string Path, RandomWorkflow Workflow)> workflows, Random random)
    {
        for (var index = 0; index < ExecutionsOfACaller; index++)
        {
            var (path, workflow) = workflows[random.Next(workflows.Count)];
            var input = random.Next(1000);
            try
            {
                using var response = await client.PostAsJsonAsync($"{path}/executions", new { input = new { n = input } });
                var started = await response.Content.ReadFromJsonAsync<JsonElement>();
                _started.Enqueue((started.GetProperty("id").GetGuid(), workflow, input));
                await Task.Delay(random.Next(0, 60));
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException or OperationCanceledException)
            {
                // The Host was killed: what it had not accepted is nobody's.
                return;
            }
        }
    }

    private protected async Task CompareAsync()
    {
        await using var source = OpenDatabase();
        foreach (var (id, workflow, input) in _started)
        {
            await using var command = source.CreateCommand(
                """
                select e.status, e.error_code, s.key, s.status, s.output::text from workflows.workflow_executions as e
                  left join workflows.execution_steps as s on s.execution_id = e.id and s.item_index is null
                where e.id = $1
                """);
            command.Parameters.Add(new NpgsqlParameter { Value = id });
            await using var reader = await command.ExecuteReaderAsync();
            var ends = new Dictionary<string, (string, int)>();
            var status = "lost";
            while (await reader.ReadAsync())
            {
                status = reader.GetString(0);
                var output = reader.IsDBNull(4) ? (JsonElement?)null : JsonDocument.Parse(reader.GetString(4)).RootElement;
                ends[reader.GetString(2)] = (reader.GetString(3), reader.GetString(3) == "succeeded" ? workflow.ValueOf(reader.GetString(2), output) : 0);
            }

            Assert.That(status, Is.EqualTo("succeeded"), $"execution {id}");
            Assert.That(ends, Is.EquivalentTo(workflow.Interpret(input)), $"execution {id}");
        }
    }

    private protected async Task<long> OpenAsync() =>
        await ScalarAsync<long>("select count(*) from workflows.workflow_executions where status in ('queued', 'running', 'waiting')");

    // The keys of the calls that were committed before the last kill, as the database found them when it started again.
    private protected async Task<List<string>> CommittedAsync()
    {
        var keys = await ScalarAsync<string[]>(
            """
            select coalesce(array_agg(s.execution_id || ':' || s.key || coalesce(':' || s.item_index, '')), '{}')
            from workflows.execution_steps as s
            where s.status in ('succeeded', 'failed') and s.completed_at < pg_postmaster_start_time()
            """);
        return [.. keys];
    }

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var source = OpenDatabase();
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private NpgsqlDataSource OpenDatabase() => NpgsqlDataSource.Create(ConnectionString());

    private protected string ConnectionString()
    {
        var url = new Uri(HostProcess.ReadConnection(DataDirectory).GetProperty("database_url").GetString()!);
        var credentials = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host, Port = url.Port, Username = credentials[0], Password = credentials[1], Database = "postgres", SslMode = SslMode.Disable,
        }.ConnectionString;
    }
}
