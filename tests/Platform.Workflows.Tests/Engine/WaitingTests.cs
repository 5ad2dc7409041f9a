using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Workflows.Tests.Engine;

public sealed class WaitingTests : WorkflowTest
{
    [Test]
    public async Task Puts_a_delay_down_and_goes_on_when_its_time_has_come()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("pause", "delay", new { seconds = 3600 }), Step("after", "transform", new { value = "done" }, "pause"));

        var execution = await RunAsync(alice.Client, workflow, new { });
        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("waiting"));
        Assert.That(await HeldAsync(), Is.Zero);

        await Application.ScalarAsync<object>("update workflows.execution_steps set available_at = now() where status = 'waiting'");
        await Application.ScalarAsync<object>("update workflows.workflow_executions set available_at = now()");
        var done = await DrainAndReadAsync(alice.Client, execution);
        Assert.That(done.GetProperty("results").GetProperty("after").GetString(), Is.EqualTo("done"), done.GetRawText());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Takes_a_signal_that_comes_before_or_during_the_wait(bool before)
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("paid", "wait_for_signal", new { name = "payment", timeout_seconds = 3600 }),
            Step("after", "transform", new { value = "{{ steps.paid.output.payload.amount }}" }, "paid"));
        var started = await PostAsync(alice.Client, $"{workflow}/executions", new { }, HttpStatusCode.Accepted);
        var path = $"/api/v1/executions/{started.GetProperty("id").GetGuid()}";
        if (!before)
        {
            await Application.DrainAsync("workflows");
            Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("waiting"));
        }

        await SignalAsync(alice.Client, path, "signals/other", new { payload = 1 });
        await SignalAsync(alice.Client, path, "signals/payment", new { payload = new { amount = 12 } });

        var done = await DrainAndReadAsync(alice.Client, started);
        Assert.That(done.GetProperty("results").GetProperty("after").GetInt32(), Is.EqualTo(12), done.GetRawText());
    }

    [Test]
    public async Task Fails_a_wait_that_nobody_ended()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("paid", "wait_for_signal", new { name = "payment", timeout_seconds = 3600 }));
        var execution = await RunAsync(alice.Client, workflow, new { });

        await Application.ScalarAsync<object>("update workflows.execution_steps set available_at = now()");
        await Application.ScalarAsync<object>("update workflows.workflow_executions set available_at = now()");

        var done = await DrainAndReadAsync(alice.Client, execution);
        Assert.That(done.GetProperty("steps")[0].GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("signal_timeout"));
    }

    [Test]
    public async Task Asks_for_approval_of_each_item_and_takes_each_decision_once()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("ask", "approval", new { title = "Refund {{ item }}?" }) with { for_each = "{{ input.refunds }}" },
            Step("paid", "transform", new { value = "{{ steps.ask.output.filter(answer => answer.approved).length }}" }, "ask"));
        var execution = await RunAsync(alice.Client, workflow, new { refunds = new[] { 5, 7 } });
        var path = $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}";

        using var elsewhere = await bob.Client.PostAsJsonAsync($"{path}/approvals/ask", new { approve = true, item = 1 });
        using var unasked = await alice.Client.PostAsJsonAsync($"{path}/approvals/ask", new { approve = true });
        await SignalAsync(alice.Client, path, "approvals/ask", new { approve = true, item = 1, comment = "fine" });
        using var again = await alice.Client.PostAsJsonAsync($"{path}/approvals/ask", new { approve = false, item = 1 });
        await Application.DrainAsync("workflows");
        using var late = await alice.Client.PostAsJsonAsync($"{path}/approvals/ask", new { approve = false, item = 1 });
        await SignalAsync(alice.Client, path, "approvals/ask", new { approve = false, item = 0 });

        await ExpectProblemAsync(elsewhere, 404, "execution_not_found");
        await ExpectProblemAsync(unasked, 409, "approval_not_pending");
        await ExpectProblemAsync(again, 409, "approval_not_pending");
        await ExpectProblemAsync(late, 409, "approval_not_pending");
        var done = await DrainAndReadAsync(alice.Client, execution);
        Assert.That(done.GetProperty("results").GetProperty("paid").GetInt32(), Is.EqualTo(1), done.GetRawText());
    }

    [Test]
    public async Task Runs_sub_workflows_and_takes_their_results_or_failures()
    {
        var alice = await SignInAsync();
        var square = await PublishAsync(alice.Client, Step("squared", "transform", new { value = "{{ input.n * input.n }}" }));
        var broken = await PublishAsync(alice.Client, Step("no", "fail", new { code = "not_today", message = "not today" }));
        var parent = await PublishAsync(alice.Client,
            Step("each", "sub_workflow", new { workflow_id = IdOf(square), input = new { n = "{{ item }}" } }) with { for_each = "{{ input.numbers }}" },
            Step("bad", "sub_workflow", new { workflow_id = IdOf(broken) }) with { on_error = "continue" },
            Step("sum", "transform", new { value = "{{ steps.each.output.map(child => child.squared).reduce((a, b) => a + b) + steps.bad.error.code }}" }, "each", "bad"));

        var execution = await RunAsync(alice.Client, parent, new { numbers = new[] { 1, 2, 3 } });

        Assert.That(execution.GetProperty("results").GetProperty("sum").GetString(), Is.EqualTo("14sub_workflow_failed"), execution.GetRawText());
    }

    [Test]
    public async Task Stops_a_wait_at_once_and_its_sub_workflows_with_it()
    {
        var alice = await SignInAsync();
        var child = await PublishAsync(alice.Client, Step("wait", "wait_for_signal", new { name = "never" }));
        var parent = await PublishAsync(alice.Client, Step("sub", "sub_workflow", new { workflow_id = IdOf(child) }));
        var execution = await RunAsync(alice.Client, parent, new { });
        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("waiting"));

        await SignalAsync(alice.Client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}", "cancel", new { });

        var left = await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions where status <> 'cancelled'");
        Assert.That(left, Is.Zero);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.execution_steps where status <> 'cancelled'"), Is.Zero);
    }

    [Test]
    public async Task Resumes_where_it_failed_and_runs_again_from_a_step()
    {
        await using var server = await FakeServer.StartAsync(200, 400, 200);
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("first", "http_request", new { url = $"{server.Url}/first" }),
            Step("second", "http_request", new { method = "POST", url = $"{server.Url}/second" }, "first"));
        var failed = await RunAsync(alice.Client, workflow, new { });
        Assert.That(failed.GetProperty("status").GetString(), Is.EqualTo("failed"));
        var path = $"/api/v1/executions/{failed.GetProperty("id").GetGuid()}";

        await SignalAsync(alice.Client, path, "retry", new { });
        var resumed = await DrainAndReadAsync(alice.Client, failed);
        var again = await PostAsync(alice.Client, $"{path}/retry", new { from_step = "second" }, HttpStatusCode.Accepted);
        var second = await DrainAndReadAsync(alice.Client, again);
        using var unknown = await alice.Client.PostAsJsonAsync($"{path}/retry", new { from_step = "third" });

        Assert.That(resumed.GetProperty("status").GetString(), Is.EqualTo("succeeded"), resumed.GetRawText());
        Assert.That(second.GetProperty("status").GetString(), Is.EqualTo("succeeded"), second.GetRawText());
        Assert.That(server.Requests.Select(request => request.Path), Is.EqualTo(new[] { "/first", "/second", "/second", "/second" }));
        var keys = server.Requests.Skip(1).Select(request => request.IdempotencyKey).ToList();
        Assert.That(keys[1], Is.EqualTo(keys[0]), "resumed");
        Assert.That(keys[2], Is.Not.EqualTo(keys[0]), "run again");
        await ExpectProblemAsync(unknown, 422, "step_unknown");
    }

    [Test]
    public async Task Keeps_within_a_concurrency_limit()
    {
        var alice = await SignInAsync();
        var created = await PostAsync(alice.Client, "/api/v1/workflows", new
        {
            name = "limited",
            steps = new[] { Step("wait", "wait_for_signal", new { name = "go" }) },
            config = new { concurrency = new { limit = 2, key = "input.region" } },
        });
        var workflow = $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";
        using var published = await alice.Client.PostAsync(new Uri($"{workflow}/publish", UriKind.Relative), null);
        await ExpectJsonAsync(published);
        foreach (var region in new[] { "eu", "eu", "eu", "us" })
        {
            await PostAsync(alice.Client, $"{workflow}/executions", new { input = new { region } }, HttpStatusCode.Accepted);
        }

        await Application.DrainAsync("workflows");

        Assert.That(await CountAsync("waiting"), Is.EqualTo(3));
        Assert.That(await CountAsync("queued"), Is.EqualTo(1));
    }

    private static Task<long> CountAsync(string status) =>
        Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions where status = $1", status);

    private static Task<long> HeldAsync() =>
        Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions where lease_until is not null");

    private static string IdOf(string workflow) => workflow[(workflow.LastIndexOf('/') + 1)..];

    private static async Task SignalAsync(HttpClient client, string path, string what, object body)
    {
        using var response = await client.PostAsJsonAsync($"{path}/{what}", body);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> DrainAndReadAsync(HttpClient client, JsonElement execution)
    {
        await Application.DrainAsync("workflows");
        return await GetAsync(client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}");
    }
}
