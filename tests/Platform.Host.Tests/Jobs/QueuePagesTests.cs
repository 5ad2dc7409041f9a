using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Jobs;

/// <summary>The queues of the modules in the Hangfire dashboard.</summary>
public sealed class QueuePagesTests : PlatformTest
{
    [Test]
    public async Task Shows_what_is_in_each_queue_to_staff_alone()
    {
        var support = await SignInAsync("support");
        var alice = await SignInAsync();
        var execution = await FailAsync(alice);

        var overview = await ReadAsync(support, "/hangfire/work");
        var failed = await ReadAsync(support, "/hangfire/work/workflows/failed");
        using var refused = await alice.Client.GetAsync(new Uri("/hangfire/work", UriKind.Relative));

        Assert.That(overview, Does.Contain("Executions").And.Contain("Events").And.Contain("Answers"));
        Assert.That(failed, Does.Contain($"{execution}").And.Contain("step_failed").And.Contain($"{alice.Id}").And.Contain("Retry"));
        Assert.That(failed, Does.Not.Contain("the secret of the order"));
        await ExpectProblemAsync(refused, 403, "forbidden");
    }

    [Test]
    public async Task A_button_queues_a_failed_execution_again()
    {
        var support = await SignInAsync("support");
        var alice = await SignInAsync();
        var execution = await FailAsync(alice);

        await PressAsync(support, $"/hangfire/work/workflows/failed/retry/{execution}");

        Assert.That(await StatusOfAsync(alice, execution), Is.EqualTo("queued"));
    }

    [Test]
    public async Task A_button_stops_an_execution_and_its_owner_reads_of_it()
    {
        var support = await SignInAsync("support");
        var alice = await SignInAsync();
        var execution = await StartAsync(alice, new { key = "pause", type = "delay", with = new { seconds = 3600 } });

        await PressAsync(support, $"/hangfire/work/workflows/queued/cancel/{execution}");

        Assert.That(await StatusOfAsync(alice, execution), Is.EqualTo("cancelled"));
        using var log = await alice.Client.GetAsync(new Uri("/api/v1/me/audit", UriKind.Relative));
        Assert.That(await log.Content.ReadAsStringAsync(), Does.Contain("execution.cancelled"));
    }

    [Test]
    public async Task A_button_sends_a_dead_event_on_its_way_again()
    {
        var support = await SignInAsync("support");
        var dead = Guid.CreateVersion7();
        await Application.ScalarAsync<int>(
            """
            insert into platform.outbox (id, name, aggregate_id, payload, occurred_at, status, attempts)
            values ($1, 'nobody.reacts.v1', $1, '{}', now(), 'dead', 10)
            """,
            dead);

        Assert.That(await ReadAsync(support, "/hangfire/work/events/dead"), Does.Contain("nobody.reacts.v1"));
        await PressAsync(support, $"/hangfire/work/events/dead/retry/{dead}");

        Assert.That(await Application.ScalarAsync<string>("select status from platform.outbox where id = $1", dead), Is.EqualTo("queued"));
    }

    [Test]
    public async Task Staff_stop_an_execution_through_the_API()
    {
        var support = await SignInAsync("support");
        var alice = await SignInAsync();
        var execution = await StartAsync(alice, new { key = "pause", type = "delay", with = new { seconds = 3600 } });
        var path = new Uri($"/api/v1/admin/executions/{execution}/cancel", UriKind.Relative);

        using var stopped = await support.Client.PostAsJsonAsync(path, new { reason = "It stands in the way." });
        using var again = await support.Client.PostAsync(path, null);
        using var other = await alice.Client.PostAsync(path, null);

        Assert.That(stopped.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await ExpectProblemAsync(again, 409, "execution_has_ended");
        await ExpectProblemAsync(other, 403, "forbidden");
        Assert.That(await StatusOfAsync(alice, execution), Is.EqualTo("cancelled"));
    }

    private static async Task<Guid> FailAsync(TestUser user)
    {
        var execution = await StartAsync(user, new { key = "no", type = "fail", with = new { message = "the secret of the order" } });
        await Application.DrainAsync("workflows");
        return execution;
    }

    private static async Task<Guid> StartAsync(TestUser user, object step)
    {
        var workflow = (await PostAsync(user.Client, "/api/v1/workflows", new { name = "w", steps = new[] { step } })).GetProperty("id").GetGuid();
        using var published = await user.Client.PostAsync(new Uri($"/api/v1/workflows/{workflow}/publish", UriKind.Relative), null);
        await ExpectJsonAsync(published);
        var started = await PostAsync(
            user.Client, $"/api/v1/workflows/{workflow}/executions", new { input = new { } }, HttpStatusCode.Accepted);
        return started.GetProperty("id").GetGuid();
    }

    private static async Task<string> ReadAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task PressAsync(TestUser user, string path)
    {
        using var response = await user.Client.PostAsync(new Uri(path, UriKind.Relative), null);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Redirect), path);
    }

    private static async Task<string?> StatusOfAsync(TestUser user, Guid execution)
    {
        using var response = await user.Client.GetAsync(new Uri($"/api/v1/executions/{execution}", UriKind.Relative));
        JsonElement found = await ExpectJsonAsync(response);
        return found.GetProperty("status").GetString();
    }
}
