using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>Kill -9 of the Host in the middle of work, then a start on the same data directory: everything comes to its end.</summary>
public sealed class KillTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private string _dataDirectory = "";
    private string _url = "";

    [SetUp]
    public void ChoosePlace()
    {
        _dataDirectory = Path.Combine(Path.GetTempPath(), $"platform-kill-{Path.GetRandomFileName()}");
        _url = $"http://127.0.0.1:{HostProcess.FreePort()}";
    }

    [TearDown]
    public void RemoveFiles() => Directory.Delete(_dataDirectory, recursive: true);

    [Test]
    public async Task Executions_finish_and_no_committed_step_runs_twice()
    {
        const int executions = 12;
        await using var outside = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(150));
        HttpClient client;
        List<Guid> ids = [];
        using (var host = await HostProcess.StartAsync(_dataDirectory, _url))
        {
            client = await host.SignUpAsync(_dataDirectory, "ada@example.com");
            var workflow = await PublishAsync(client, outside.Url);
            for (var number = 0; number < executions; number++)
            {
                var started = await PostAsync(client, $"{workflow}/executions", new { input = new { number } });
                ids.Add(started.GetProperty("id").GetGuid());
            }

            await PlatformTest.EventuallyAsync(() => Task.FromResult(outside.Requests.Count > executions));
            await host.KillAsync();
        }

        var callsBefore = outside.Requests.Count;
        using (var host = await HostProcess.StartAsync(_dataDirectory, _url))
        {
            var committed = await CommittedStepsAsync();
            Assert.That(committed, Is.Not.Empty, "The kill came before anything was committed.");
            await PlatformTest.EventuallyAsync(async () => await AreAllAsync(client, ids, "succeeded"), Patience);

            var repeated = outside.Requests.Skip(callsBefore).Select(request => request.IdempotencyKey).Intersect(committed);
            Assert.That(repeated, Is.Empty, "A committed step ran again.");
            var keys = outside.Requests.Select(request => request.IdempotencyKey).Distinct().Count();
            Assert.That(keys, Is.EqualTo(executions * 3), "Some call was never made, or with another key when it was repeated.");
            await host.StopAsync();
        }

        client.Dispose();
    }

    [Test]
    public async Task A_sync_finishes_with_all_rows_and_nothing_stays_running()
    {
        const int rows = 200_000;
        HttpClient client;
        Guid connector;
        Guid run;
        using (var host = await HostProcess.StartAsync(_dataDirectory, _url))
        {
            client = await host.SignUpAsync(_dataDirectory, "ada@example.com");
            connector = await ConnectAsync(client, rows);
            run = (await PostAsync(client, $"/api/v1/connectors/{connector}/sync", new { })).GetProperty("id").GetGuid();
            await PlatformTest.EventuallyAsync(async () => await StatusAsync(client, $"/api/v1/syncs/{run}") == "running");
            await host.KillAsync();
        }

        using (var host = await HostProcess.StartAsync(_dataDirectory, _url))
        {
            await PlatformTest.EventuallyAsync(
                async () => await StatusAsync(client, $"/api/v1/syncs/{run}") is "succeeded" or "failed", Patience);

            Assert.That(await StatusAsync(client, $"/api/v1/syncs/{run}"), Is.EqualTo("succeeded"), host.Output);
            var count = await PostAsync(
                client, "/api/v1/query", new { sql = "select count(*), count(distinct n) from numbers", datasets = new[] { new { connector_id = connector, name = "numbers" } } });
            Assert.That(count.GetProperty("rows").GetRawText(), Is.EqualTo($"[[{rows},{rows}]]"));
            await host.StopAsync();
        }

        client.Dispose();
    }

    private static async Task<string> PublishAsync(HttpClient client, string outside)
    {
        object Call(string key, params string[] dependsOn) =>
            new { key, type = "http_request", depends_on = dependsOn, with = new { method = "POST", url = outside, body = new { n = "{{ input.number }}" } } };
        var created = await PostAsync(client, "/api/v1/workflows", new { name = "calls", steps = new[] { Call("a"), Call("b", "a"), Call("c", "b") } });
        var path = $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";
        await PostAsync(client, $"{path}/publish", new { });
        return path;
    }

    private static async Task<Guid> ConnectAsync(HttpClient client, int rows)
    {
        var csv = new StringBuilder("n,text\n");
        for (var row = 0; row < rows; row++)
        {
            csv.Append(row).Append(",row ").Append(row).Append('\n');
        }

        using var form = new MultipartFormDataContent { { new StringContent(csv.ToString(), Encoding.UTF8, "text/csv"), "file", "numbers.csv" } };
        using var uploaded = await client.PostAsync(new Uri("/api/v1/uploads", UriKind.Relative), form);
        var upload = JsonDocument.Parse(await uploaded.Content.ReadAsStringAsync()).RootElement.GetProperty("upload_id").GetGuid();
        var connector = await PostAsync(
            client, "/api/v1/connectors", new { name = "numbers", type = "file", config = new { upload_id = upload, format = "csv", table = "numbers" } });
        return connector.GetProperty("id").GetGuid();
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<bool> AreAllAsync(HttpClient client, List<Guid> ids, string status)
    {
        foreach (var id in ids)
        {
            if (await StatusAsync(client, $"/api/v1/executions/{id}") != status)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<string?> StatusAsync(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("status").GetString();

    /// <summary>The idempotency keys of the steps that were committed before the kill, as the database found them at the start.</summary>
    private async Task<List<string>> CommittedStepsAsync()
    {
        var url = new Uri(HostProcess.ReadConnection(_dataDirectory).GetProperty("database_url").GetString()!);
        var credentials = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host, Port = url.Port, Username = credentials[0], Password = credentials[1], Database = "postgres",
        });
        await using var command = source.CreateCommand(
            """
            select s.execution_id || ':' || s.key from workflows.execution_steps s
            where s.status = 'succeeded' and s.completed_at < pg_postmaster_start_time()
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<string>();
        while (await reader.ReadAsync())
        {
            keys.Add(reader.GetString(0));
        }

        return keys;
    }
}
