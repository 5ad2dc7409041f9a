using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Callers;
using Platform.Workflows.Firing;

namespace Platform.Workflows.Tests.Features.Triggers;

public sealed class CronTriggerTests : WorkflowTest
{
    [Test]
    public async Task Starts_its_workflow_when_its_time_has_come_and_says_when_the_next_is()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("at", "transform", new { value = "{{ input.trigger.scheduled_at + input.city }}" }));
        var trigger = await AddAsync(alice.Client, workflow, new { type = "cron", schedule = "0 9 * * *", time_zone = "Europe/Berlin", input = new { city = "Bonn" } });
        Assert.That(trigger.GetProperty("next_fire_at").GetDateTimeOffset(), Is.GreaterThan(TimeProvider.System.GetUtcNow()));
        await DueAtAsync(trigger, "2099-01-05T08:00:00Z");

        var started = await FireAsync(trigger, "2099-01-05T08:00:10Z");
        var again = await FireAsync(trigger, "2099-01-05T08:00:11Z");
        await Application.DrainAsync("workflows");

        var execution = (await ExecutionsAsync(alice.Client, workflow)).Single();
        var done = await GetAsync(alice.Client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}");
        Assert.That((started, again), Is.EqualTo((1, 0)));
        Assert.That(done.GetProperty("results").GetProperty("at").GetString(), Is.EqualTo("2099-01-05T08:00:00ZBonn"), done.GetRawText());
        var listed = (await GetAsync(alice.Client, $"{workflow}/triggers")).GetProperty("items")[0];
        Assert.That(listed.GetProperty("next_fire_at").GetDateTimeOffset(), Is.EqualTo(At("2099-01-06T08:00:00Z")));
    }

    [TestCase("skip", 0)]
    [TestCase("once", 1)]
    [TestCase("all", 4)]
    public async Task Makes_up_for_a_time_when_nothing_ran_as_its_policy_says(string misfire, int expected)
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var trigger = await AddAsync(alice.Client, workflow, new { type = "cron", schedule = "0 * * * *", misfire });
        await DueAtAsync(trigger, "2026-05-01T08:00:00Z");

        var started = await FireAsync(trigger, "2026-05-01T11:30:00Z");

        Assert.That(started, Is.EqualTo(expected));
        Assert.That(await ExecutionsAsync(alice.Client, workflow), Has.Count.EqualTo(expected));
    }

    [Test]
    public async Task Runs_a_tick_once_however_many_nodes_look()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var trigger = await AddAsync(alice.Client, workflow, new { type = "cron", schedule = "0 * * * *" });
        await DueAtAsync(trigger, "2026-05-01T08:00:00Z");

        var started = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FireAsync(trigger, "2026-05-01T08:00:01Z")));

        Assert.That(started.Sum(), Is.EqualTo(1));
        Assert.That(await ExecutionsAsync(alice.Client, workflow), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Starts_nothing_while_it_or_its_workflow_is_paused_and_makes_up_for_none_of_it()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var trigger = await AddAsync(alice.Client, workflow, new { type = "cron", schedule = "0 * * * *", misfire = "all" });
        var path = $"/api/v1/triggers/{trigger.GetProperty("id").GetGuid()}";

        using var paused = await alice.Client.PatchAsJsonAsync(path, new { status = "paused" });
        Assert.That((await ExpectJsonAsync(paused)).GetProperty("next_fire_at").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(await FireAsync(trigger, "2099-05-01T08:00:01Z"), Is.Zero);
        using var resumed = await alice.Client.PatchAsJsonAsync(path, new { status = "active" });
        Assert.That((await ExpectJsonAsync(resumed)).GetProperty("next_fire_at").GetDateTimeOffset(), Is.GreaterThan(TimeProvider.System.GetUtcNow()));
        using var held = await alice.Client.PostAsync(new Uri($"{workflow}/pause", UriKind.Relative), null);
        await ExpectJsonAsync(held);
        Assert.That(await FireAsync(trigger, "2099-05-01T08:00:01Z"), Is.Zero);

        var listed = (await GetAsync(alice.Client, $"{workflow}/triggers")).GetProperty("items")[0];
        Assert.That(listed.GetProperty("next_fire_at").GetDateTimeOffset(), Is.EqualTo(At("2099-05-01T09:00:00Z")));
        Assert.That(await ExecutionsAsync(alice.Client, workflow), Is.Empty);
    }

    [TestCase("61 * * * *", "UTC", "once", "validation_failed")]
    [TestCase("0 9 * * *", "Europe/Nowhere", "once", "validation_failed")]
    [TestCase("0 9 * * *", "UTC", "sometimes", "validation_failed")]
    [TestCase("0 0 30 2 *", "UTC", "once", "schedule_never_due")]
    public async Task Refuses_what_never_fires(string schedule, string time_zone, string misfire, string code)
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));

        using var refused = await alice.Client.PostAsJsonAsync($"{workflow}/triggers", new { type = "cron", schedule, time_zone, misfire });

        await ExpectProblemAsync(refused, 422, code);
    }

    [Test]
    public async Task Is_nobody_elses_to_change()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var trigger = await AddAsync(alice.Client, workflow, new { type = "cron", schedule = "@daily" });

        using var refused = await bob.Client.PatchAsJsonAsync($"/api/v1/triggers/{trigger.GetProperty("id").GetGuid()}", new { status = "paused" });

        await ExpectProblemAsync(refused, 404, "trigger_not_found");
    }

    private static Task<JsonElement> AddAsync(HttpClient client, string workflow, object trigger) =>
        PostAsync(client, $"{workflow}/triggers", trigger, HttpStatusCode.Created);

    private static async Task<List<JsonElement>> ExecutionsAsync(HttpClient client, string workflow) =>
        [.. (await GetAsync(client, $"{workflow}/executions")).GetProperty("items").EnumerateArray()];

    private static Task<object?> DueAtAsync(JsonElement trigger, string at) => Application.ScalarAsync<object>(
        "update workflows.triggers set next_fire_at = $1 where id = $2", At(at), trigger.GetProperty("id").GetGuid());

    // As the clock of a node does, at a time of the test's own.
    private static async Task<int> FireAsync(JsonElement trigger, string at)
    {
        await using var scope = Application.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System("platform:triggers");
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new FireCronCommand(trigger.GetProperty("id").GetGuid(), At(at)));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
