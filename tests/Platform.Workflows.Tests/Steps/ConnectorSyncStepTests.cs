using System.Net.Http.Json;

namespace Platform.Workflows.Tests.Steps;

public sealed class ConnectorSyncStepTests : WorkflowTest
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task Waits_for_the_end_of_the_sync_and_gives_what_it_read(bool isTold)
    {
        var alice = await SignInAsync();
        var connector = await ConnectWeatherAsync(alice.Client);
        var workflow = await PublishAsync(alice.Client,
            Step("sync", "connector_sync", new { connector_id = connector }),
            Step("rows", "transform", new { value = "{{ steps.sync.output.rows_read }}" }, "sync"));

        var waiting = await RunAsync(alice.Client, workflow, new { });
        Assert.That(StatusOf(waiting, "sync"), Is.EqualTo("waiting"), waiting.GetRawText());
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
        if (isTold)
        {
            await Application.DeliverEventsAsync();
        }

        var done = isTold ? await ReadOnAsync(alice.Client, waiting) : await SkipWaitAsync(alice.Client, waiting);
        Assert.That(done.GetProperty("results").GetProperty("rows").GetInt64(), Is.EqualTo(1461), done.GetRawText());
        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.sync_runs"), Is.EqualTo(1));
        var step = await GetAsync(alice.Client, $"/api/v1/executions/{done.GetProperty("id").GetGuid()}/steps/sync");
        Assert.That(step.GetProperty("attempts").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_step_that_is_cut_off_before_its_wait_is_committed_starts_no_second_sync()
    {
        var alice = await SignInAsync();
        var connector = await ConnectWeatherAsync(alice.Client);
        var workflow = await PublishAsync(alice.Client, Step("sync", "connector_sync", new { connector_id = connector }));
        var waiting = await RunAsync(alice.Client, workflow, new { });
        // As a worker leaves it that was killed while it did the step.
        await Application.ScalarAsync<object>("update workflows.execution_steps set status = 'running', waits_for = null, available_at = null");
        await Application.ScalarAsync<object>(
            "update workflows.workflow_executions set status = 'running', lease_until = now() - interval '1 second', available_at = now()");

        var again = await ReadOnAsync(alice.Client, waiting);

        Assert.That(StatusOf(again, "sync"), Is.EqualTo("waiting"), again.GetRawText());
        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.sync_runs"), Is.EqualTo(1));
    }

    [Test]
    public async Task Fails_when_somebody_stops_the_sync()
    {
        var alice = await SignInAsync();
        var connector = await ConnectWeatherAsync(alice.Client);
        var workflow = await PublishAsync(alice.Client, Step("sync", "connector_sync", new { connector_id = connector, streams = new[] { "weather" } }));
        var waiting = await RunAsync(alice.Client, workflow, new { });
        var sync = await Application.ScalarAsync<Guid>("select id from connectors.sync_runs");

        using var stopped = await alice.Client.PostAsJsonAsync($"/api/v1/syncs/{sync}/cancel", new { });
        Assert.That(stopped.IsSuccessStatusCode, await stopped.Content.ReadAsStringAsync());
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
        var done = await SkipWaitAsync(alice.Client, waiting);

        Assert.That(done.GetProperty("steps")[0].GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("sync_cancelled"), done.GetRawText());
    }

    [Test]
    public async Task Syncs_no_connector_of_somebody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var connector = await ConnectWeatherAsync(alice.Client);
        var workflow = await PublishAsync(bob.Client, Step("sync", "connector_sync", new { connector_id = connector }));

        var done = await RunAsync(bob.Client, workflow, new { });

        Assert.That(done.GetProperty("steps")[0].GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("connector_not_found"));
    }
}
