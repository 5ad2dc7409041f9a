using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Platform.Connectors.Contracts.Events;
using Platform.Dashboards.Contracts.Events;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Tests.Features.Triggers;

public sealed class EventTriggerTests : WorkflowTest
{
    private const string Finished = "workflows.execution-finished.v1";

    [Test]
    public async Task Starts_a_workflow_when_another_one_has_ended_as_the_filter_wants_it()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var first = await PublishAsync(alice.Client, Step("a", "fail", new { message = "no" }) with { when = "input.fails" });
        var second = await PublishAsync(alice.Client, Step("b", "transform", new { value = "{{ input.event.execution_id }}" }));
        var others = await PublishAsync(bob.Client, Step("b", "transform", new { value = 1 }));
        await AddAsync(alice.Client, second, new { type = "event", @event = Finished, filter = "input.event.status == 'failed'" });
        await AddAsync(bob.Client, others, new { type = "event", @event = Finished });

        await RunAsync(alice.Client, first, new { fails = false });
        await Application.DrainAsync("workflows");
        Assert.That(await CountAsync(alice.Client, second), Is.Zero);
        var failed = await RunAsync(alice.Client, first, new { fails = true });
        await Application.DrainAsync("workflows");
        await Application.DrainAsync("workflows");

        var execution = (await GetAsync(alice.Client, $"{second}/executions")).GetProperty("items").EnumerateArray().Single();
        var done = await GetAsync(alice.Client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}");
        Assert.That(done.GetProperty("results").GetProperty("b").GetString(), Is.EqualTo(failed.GetProperty("id").GetString()), done.GetRawText());
        Assert.That(await CountAsync(bob.Client, others), Is.Zero);
    }

    [Test]
    public async Task Ends_a_chain_of_workflows_that_start_each_other()
    {
        var alice = await SignInAsync();
        var ping = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var pong = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        await AddAsync(alice.Client, ping, new { type = "event", @event = Finished });
        await AddAsync(alice.Client, pong, new { type = "event", @event = Finished });

        await RunAsync(alice.Client, ping, new { });
        for (var look = 0; look < 20; look++)
        {
            await Application.DrainAsync("workflows");
        }

        Assert.That(await CountAsync(alice.Client, ping) + await CountAsync(alice.Client, pong), Is.EqualTo(9));
    }

    [Test]
    public async Task Starts_once_for_an_event_that_is_delivered_twice()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = "{{ input.event.rows }}" }));
        await AddAsync(alice.Client, workflow, new { type = "event", @event = "connectors.connector-synced.v1", filter = "input.event.rows > 5" });
        var synced = new ConnectorSyncedIntegrationEvent(Guid.CreateVersion7(), Guid.CreateVersion7(), alice.Id, 7);
        await DeliverAsync(synced);
        await Application.DrainAsync("workflows");
        await DeliverAsync(synced);
        await DeliverAsync(synced with { SyncRunId = Guid.CreateVersion7(), Rows = 3 });
        await Application.DrainAsync("workflows");

        Assert.That(await CountAsync(alice.Client, workflow), Is.EqualTo(1));
    }

    [Test]
    public async Task Starts_a_workflow_when_an_artifact_was_made()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = "{{ input.event.artifact_type }}" }));
        await AddAsync(alice.Client, workflow, new { type = "event", @event = "artifacts.artifact-created.v1" });

        await PostAsync(alice.Client, "/api/v1/artifacts", new { type = "document", name = "Note", data = new { markdown = "# Hi" } });
        await Application.DeliverEventsAsync();
        await Application.DrainAsync("workflows");

        Assert.That(await CountAsync(alice.Client, workflow), Is.EqualTo(1));
    }

    [Test]
    public async Task Starts_a_workflow_when_a_source_stops_answering_and_once_for_each_time()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = "{{ input.event.code }}" }));
        await AddAsync(
            alice.Client, workflow, new { type = "event", @event = "connectors.connector-health-changed.v1", filter = "input.event.status == 'error'" });
        var changed = new ConnectorHealthChangedIntegrationEvent(
            Guid.CreateVersion7(), alice.Id, "error", "connection_refused", TimeProvider.System.GetUtcNow());

        await DeliverAsync(changed);
        await DeliverAsync(changed);
        await DeliverAsync(changed with { Status = "active", Code = null, ChangedAt = changed.ChangedAt.AddMinutes(1) });
        await Application.DrainAsync("workflows");

        Assert.That(await CountAsync(alice.Client, workflow), Is.EqualTo(1));
    }

    [Test]
    public async Task Starts_a_workflow_each_time_an_alert_changes_its_state_and_once_for_each()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = "{{ input.event.state }}" }));
        await AddAsync(alice.Client, workflow, new { type = "event", @event = "dashboards.alert-fired.v1", filter = "input.event.state == 'firing'" });
        var fired = new AlertFiredIntegrationEvent(
            Guid.CreateVersion7(), Guid.CreateVersion7(), alice.Id, "firing", "ok", TimeProvider.System.GetUtcNow());

        await DeliverAsync(fired);
        await DeliverAsync(fired);
        await DeliverAsync(fired with { State = "ok", Before = "firing", CheckedAt = fired.CheckedAt.AddMinutes(1) });
        await DeliverAsync(fired with { CheckedAt = fired.CheckedAt.AddMinutes(2) });
        await Application.DrainAsync("workflows");

        Assert.That(await CountAsync(alice.Client, workflow), Is.EqualTo(2));
    }

    [Test]
    public async Task Says_why_an_event_started_nothing()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        await AddAsync(alice.Client, workflow, new { type = "event", @event = "connectors.connector-sync-failed.v1", filter = "input.event.no.such" });

        await DeliverAsync(new ConnectorSyncFailedIntegrationEvent(Guid.CreateVersion7(), Guid.CreateVersion7(), alice.Id, "timeout"));
        await Application.DrainAsync("workflows");

        var trigger = (await GetAsync(alice.Client, $"{workflow}/triggers")).GetProperty("items")[0];
        Assert.That(trigger.GetProperty("last_error").GetString(), Does.StartWith("expression_failed"), trigger.GetRawText());
    }

    [TestCase("no.such.event", "1")]
    [TestCase("connectors.connector-synced.v1", "1 +")]
    public async Task Refuses_an_event_or_a_filter_that_cannot_be(string @event, string filter)
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));

        using var refused = await alice.Client.PostAsJsonAsync($"{workflow}/triggers", new { type = "event", @event, filter });

        await ExpectProblemAsync(refused, 422, "validation_failed");
    }

    private static Task<JsonElement> AddAsync(HttpClient client, string workflow, object trigger) =>
        PostAsync(client, $"{workflow}/triggers", trigger, HttpStatusCode.Created);

    private static async Task<int> CountAsync(HttpClient client, string workflow) =>
        (await GetAsync(client, $"{workflow}/executions")).GetProperty("items").GetArrayLength();

    // A sync takes long: its event is stored as the connectors' module stores it, and delivered by the product.
    private static async Task DeliverAsync<T>(T said)
        where T : IntegrationEvent
    {
        await Application.ScalarAsync<object>(
            "insert into platform.outbox (id, name, aggregate_id, user_id, payload, occurred_at) values ($1, $2, $3, null, $4::jsonb, now())",
            Guid.CreateVersion7(), typeof(T).GetCustomAttribute<EventNameAttribute>()!.Name, said.AggregateId,
            JsonSerializer.Serialize(said, PlatformJson.Options));
        await Application.DeliverEventsAsync();
    }
}
