using System.Text;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>Kill -9 of the Host in the middle of work, then a start on the same data directory: everything comes to its end.</summary>
public sealed class KillTests : HostJourney
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Test]
    public async Task Executions_finish_and_no_committed_step_runs_twice()
    {
        const int executions = 12;
        await using var outside = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(150));
        HttpClient client;
        List<Guid> ids = [];
        using (var host = await HostProcess.StartAsync(DataDirectory, Url))
        {
            client = await host.SignUpAsync(DataDirectory, "ada@example.com");
            var workflow = await PublishCallsAsync(client, outside.Url);
            for (var number = 0; number < executions; number++)
            {
                ids.Add(await CreateAsync(client, $"{workflow}/executions", new { input = new { number } }));
            }

            await PlatformTest.EventuallyAsync(() => Task.FromResult(outside.Requests.Count > executions));
            await host.KillAsync();
        }

        var callsBefore = outside.Requests.Count;
        using (var host = await HostProcess.StartAsync(DataDirectory, Url))
        {
            var committed = await CommittedStepsAsync();
            Assert.That(committed, Is.Not.Empty, "The kill came before anything was committed.");
            await PlatformTest.EventuallyAsync(async () => await HaveAllSucceededAsync(client, ids), Patience);

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
        using (var host = await HostProcess.StartAsync(DataDirectory, Url))
        {
            client = await host.SignUpAsync(DataDirectory, "ada@example.com");
            connector = await ConnectAsync(client, rows);
            run = await CreateAsync(client, $"/api/v1/connectors/{connector}/sync", new { });
            await PlatformTest.EventuallyAsync(async () => await StatusAsync(client, $"/api/v1/syncs/{run}") == "running");
            await host.KillAsync();
        }

        using (var host = await HostProcess.StartAsync(DataDirectory, Url))
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
        return await CreateAsync(
            client, "/api/v1/connectors", new { name = "numbers", type = "file", config = new { upload_id = upload, format = "csv", table = "numbers" } });
    }

    /// <summary>The idempotency keys of the steps that were committed before the kill, as the database found them at the start.</summary>
    private async Task<List<string>> CommittedStepsAsync()
    {
        var url = new Uri(HostProcess.ReadConnection(DataDirectory).GetProperty("database_url").GetString()!);
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
