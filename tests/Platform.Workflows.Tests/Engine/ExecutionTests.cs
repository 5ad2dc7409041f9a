using System.Net;
using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Workflows.Tests.Engine;

public sealed class ExecutionTests : WorkflowTest
{
    [Test]
    public async Task Runs_the_steps_in_order_and_keeps_their_outputs()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("double", "transform", new { value = "{{ input.numbers.map(n => n * 2) }}" }),
            Step("sum", "transform", new { value = "{{ steps.double.output.reduce((a, b) => a + b, 0) }}" }, "double"),
            Step("big", "condition", new { @if = "{{ steps.sum.output > 10 }}" }, "sum"));

        var execution = await RunAsync(alice.Client, workflow, new { numbers = new[] { 1, 2, 3 } });

        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("succeeded"), execution.GetRawText());
        Assert.That(execution.GetProperty("results").GetRawText(), Is.EqualTo("""{"big":{"value":true}}"""));
        var sum = await GetAsync(alice.Client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}/steps/sum");
        Assert.That(sum.GetProperty("output").GetInt32(), Is.EqualTo(12));
    }

    [Test]
    public async Task Keeps_an_artifact_once_even_if_the_commit_after_it_was_lost()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("keep", "create_artifact", new { type = "document", name = "Note {{ input.n }}", data = new { text = "hello" } }));
        var execution = await RunAsync(alice.Client, workflow, new { n = 7 });
        var id = execution.GetProperty("id").GetGuid();

        await RewindAsync(id, "keep");
        await Application.DrainAsync("workflows");

        var again = await GetAsync(alice.Client, $"/api/v1/executions/{id}");
        Assert.That(again.GetProperty("status").GetString(), Is.EqualTo("succeeded"));
        var artifacts = await GetAsync(alice.Client, "/api/v1/artifacts");
        Assert.That(artifacts.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
        Assert.That(artifacts.GetProperty("items")[0].GetProperty("name").GetString(), Is.EqualTo("Note 7"));
    }

    [Test]
    public async Task Skips_what_a_condition_rules_out_and_runs_what_joins_the_branches()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("check", "condition", new { @if = "{{ input.amount > 100 }}" }),
            Step("large", "transform", new { value = "large" }, "check") with { when = "steps.check.output.value" },
            Step("small", "transform", new { value = "small" }, "check") with { when = "!steps.check.output.value" },
            Step("joined", "transform", new { value = "{{ steps.large.output ?? steps.small.output }}" }, "large", "small"));

        var execution = await RunAsync(alice.Client, workflow, new { amount = 5 });

        Assert.That(execution.GetProperty("results").GetProperty("joined").GetString(), Is.EqualTo("small"));
        Assert.That(StatusOf(execution, "large"), Is.EqualTo("skipped"));
    }

    [Test]
    public async Task Calls_outside_with_the_same_key_when_it_tries_again()
    {
        await using var server = await FakeServer.StartAsync(503, 200);
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("call", "http_request", new { method = "POST", url = server.Url, body = new { n = "{{ input.n }}" } })
                with { retry = new { max_attempts = 3, backoff_seconds = 0 } });

        var execution = await RunAsync(alice.Client, workflow, new { n = 4 });
        await Application.DrainAsync("workflows");

        var done = await GetAsync(alice.Client, $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}");
        Assert.That(done.GetProperty("status").GetString(), Is.EqualTo("succeeded"), done.GetRawText());
        Assert.That(server.Requests.Select(request => request.Body), Is.All.EqualTo("""{"n":4}"""));
        Assert.That(server.Requests.Select(request => request.IdempotencyKey).Distinct().Count(), Is.EqualTo(1));
        Assert.That(server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Calls_with_a_connectors_credentials_at_its_own_origin_alone()
    {
        await using var source = await FakeServer.StartAsync(200);
        await using var elsewhere = await FakeServer.StartAsync(200);
        var alice = await SignInAsync();
        var connector = await PostAsync(alice.Client, "/api/v1/connectors", new
        {
            name = "Orders",
            type = "http",
            config = new { url = $"{source.Url}/orders", auth = "bearer" },
            credentials = new { token = "planted-secret" },
        });
        var auth = connector.GetProperty("id").GetGuid();
        var workflow = await PublishAsync(alice.Client, Step("call", "http_request", new { url = $"{source.Url}/other", auth }));
        var astray = await PublishAsync(alice.Client, Step("call", "http_request", new { url = elsewhere.Url, auth }));

        var done = await RunAsync(alice.Client, workflow, new { });
        var refused = await RunAsync(alice.Client, astray, new { });

        Assert.That(done.GetProperty("status").GetString(), Is.EqualTo("succeeded"), done.GetRawText());
        Assert.That(source.Requests.Single(request => request.Path == "/other").Authorization, Is.EqualTo("Bearer planted-secret"));
        Assert.That(done.GetRawText(), Does.Not.Contain("planted-secret"));
        Assert.That(refused.GetRawText(), Does.Contain("connector_origin_mismatch"));
        Assert.That(elsewhere.Requests, Is.Empty);
    }

    [Test]
    public async Task Fails_with_the_step_that_failed_and_goes_on_where_it_may()
    {
        var alice = await SignInAsync();
        var fatal = await PublishAsync(alice.Client, Step("a", "transform", new { value = "{{ input.missing.member }}" }), Step("b", "transform", new { value = 1 }, "a"));
        var tolerant = await PublishAsync(alice.Client,
            Step("a", "transform", new { value = "{{ input.missing.member }}" }) with { on_error = "continue" },
            Step("b", "transform", new { value = "{{ steps.a.error.code }}" }, "a"));

        var failed = await RunAsync(alice.Client, fatal, new { });
        var went = await RunAsync(alice.Client, tolerant, new { });

        Assert.That(failed.GetProperty("status").GetString(), Is.EqualTo("failed"));
        Assert.That(failed.GetProperty("error_code").GetString(), Is.EqualTo("step_failed"));
        Assert.That(StatusOf(failed, "a"), Is.EqualTo("failed"));
        Assert.That(went.GetProperty("results").GetProperty("b").GetString(), Is.EqualTo("expression_failed"));
    }

    [Test]
    public async Task Runs_a_step_for_each_item()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("each", "transform", new { value = "{{ item * item }}" }) with { for_each = "{{ input.numbers }}" });

        var execution = await RunAsync(alice.Client, workflow, new { numbers = new[] { 2, 3, 4 } });

        Assert.That(execution.GetProperty("results").GetProperty("each").GetRawText(), Is.EqualTo("[4,9,16]"));
    }

    [Test]
    public async Task Goes_on_after_a_crash_without_running_a_committed_step_again()
    {
        await using var server = await FakeServer.StartAsync(200);
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("first", "http_request", new { url = server.Url }),
            Step("second", "transform", new { value = "{{ steps.first.output.status }}" }, "first"));
        var id = (await RunAsync(alice.Client, workflow, new { })).GetProperty("id").GetGuid();

        await RewindAsync(id, "second");
        await Application.DrainAsync("workflows");

        var execution = await GetAsync(alice.Client, $"/api/v1/executions/{id}");
        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("succeeded"));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Cancels_what_is_queued_at_once()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var started = await PostAsync(alice.Client, $"{workflow}/executions", new { }, HttpStatusCode.Accepted);
        var path = $"/api/v1/executions/{started.GetProperty("id").GetGuid()}";

        using var cancelled = await alice.Client.PostAsync(new Uri($"{path}/cancel", UriKind.Relative), null);
        using var again = await alice.Client.PostAsync(new Uri($"{path}/cancel", UriKind.Relative), null);
        await Application.DrainAsync("workflows");

        Assert.That(cancelled.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await ExpectProblemAsync(again, 409, "execution_has_ended");
        Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task Cancels_what_runs_within_seconds()
    {
        await using var server = await FakeServer.StartSlowAsync(TimeSpan.FromSeconds(30));
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "http_request", new { url = server.Url }));
        var started = await PostAsync(alice.Client, $"{workflow}/executions", new { }, HttpStatusCode.Accepted);
        var path = $"/api/v1/executions/{started.GetProperty("id").GetGuid()}";
        var run = Application.DrainAsync("workflows");
        await EventuallyAsync(() => Task.FromResult(server.Requests.Count == 1));

        using var cancelled = await alice.Client.PostAsync(new Uri($"{path}/cancel", UriKind.Relative), null);
        await run.WaitAsync(TimeSpan.FromSeconds(10));

        var execution = await GetAsync(alice.Client, path);
        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
        Assert.That(StatusOf(execution, "a"), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task Streams_events_to_the_end_and_resumes_without_gap_or_repeat()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }), Step("b", "transform", new { value = 2 }, "a"));
        var id = (await RunAsync(alice.Client, workflow, new { })).GetProperty("id").GetGuid();

        var whole = await ReadEventsAsync(alice.Client, id, null);
        var rest = await ReadEventsAsync(alice.Client, id, "2");

        Assert.That(whole.Select(line => line.Id), Is.EqualTo(new[] { "1", "2", "3", "4" }));
        Assert.That(whole.Select(line => line.Type), Is.EqualTo(new[] { "execution.started", "step.finished", "step.finished", "execution.finished" }));
        Assert.That(rest, Is.EqualTo(whole.Skip(2)));
    }

    [Test]
    public async Task Shows_an_execution_to_nobody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var id = (await RunAsync(alice.Client, workflow, new { })).GetProperty("id").GetGuid();

        foreach (var path in new[] { "", "/events", "/steps/a" })
        {
            using var response = await bob.Client.GetAsync(new Uri($"/api/v1/executions/{id}{path}", UriKind.Relative));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        }

        using var list = await bob.Client.GetAsync(new Uri($"{workflow}/executions", UriKind.Relative));
        await ExpectProblemAsync(list, 404, "workflow_not_found");
    }

    [Test]
    public async Task Refuses_to_start_a_draft_and_to_publish_a_fault()
    {
        var alice = await SignInAsync();
        var created = await PostAsync(alice.Client, "/api/v1/workflows", new { name = "w", steps = new[] { new { key = "a", type = "magic" } } });
        var path = $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";

        using var started = await alice.Client.PostAsJsonAsync($"{path}/executions", new { });
        using var published = await alice.Client.PostAsync(new Uri($"{path}/publish", UriKind.Relative), null);

        await ExpectProblemAsync(started, 409, "workflow_not_published");
        var problem = await ExpectProblemAsync(published, 422, "definition_invalid");
        Assert.That(problem.GetProperty("errors").TryGetProperty("$.steps[0].type", out _), Is.True);
    }

    private static async Task<List<(string Id, string Type)>> ReadEventsAsync(HttpClient client, Guid id, string? last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/executions/{id}/events");
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using var response = await client.SendAsync(request);
        var events = new List<(string, string)>();
        foreach (var block in (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n');
            events.Add((lines[0]["id: ".Length..], lines[1]["event: ".Length..]));
        }

        return events;
    }

    /// <summary>The state that a kill leaves behind when it strikes after the step's effect and before its commit.</summary>
    private static async Task RewindAsync(Guid executionId, string step)
    {
        await Application.ScalarAsync<object>("delete from workflows.execution_steps where execution_id = $1 and key = $2", executionId, step);
        await Application.ScalarAsync<object>(
            "update workflows.workflow_executions set status = 'running', results = null, completed_at = null, lease_until = now() - interval '1 second' where id = $1",
            executionId);
    }
}
