using System.Net;
using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Workflows.Tests.Features.Workflows;

public sealed class TrialTests : WorkflowTest
{
    [Test]
    public async Task A_dry_run_computes_and_reads_and_describes_what_it_would_do()
    {
        var alice = await SignInAsync();
        await using var api = await FakeServer.StartAsync(200);
        var workflow = await DraftAsync(alice.Client,
            Step("read", "http_request", new { url = api.Url }),
            Step("ask", "approval", new { title = "Go?" }, "read"),
            Step("write", "http_request", new { method = "POST", url = api.Url, body = "{{ item }}" }, "ask") with
            {
                when = "steps.ask.output.approved",
                for_each = "[1, 2]",
            },
            Step("keep", "create_artifact", new { type = "document", name = "n", data = new { markdown = "{{ steps.write.output.length }}" } }, "write"));

        var run = await PostAsync(
            alice.Client, $"{workflow}/dry-run", new { input = new { }, outputs = new { ask = new { approved = true } } }, HttpStatusCode.OK);

        var steps = run.GetProperty("steps").EnumerateArray().ToDictionary(step => step.GetProperty("key").GetString()!);
        Assert.That(steps.Values.Select(step => step.GetProperty("done").GetBoolean()), Is.EqualTo(new[] { true, false, false, false }), run.GetRawText());
        Assert.That(
            steps["write"].GetProperty("described").EnumerateArray().Select(input => input.GetProperty("body").GetInt32()), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(steps["keep"].GetProperty("described")[0].GetProperty("data").GetProperty("markdown").GetInt32(), Is.EqualTo(2));
        Assert.That(api.Requests, Has.Count.EqualTo(1));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from artifacts.artifacts"), Is.Zero);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions"), Is.Zero);
    }

    [TestCase(false, 0)]
    [TestCase(true, 1)]
    public async Task A_step_has_its_effect_only_where_that_is_allowed(bool allow_effects, int made)
    {
        var alice = await SignInAsync();
        var workflow = await DraftAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var step = Step("keep", "create_artifact", new { type = "document", name = "{{ input.name }}", data = new { markdown = "{{ steps.a.output }}" } });

        var done = await PostAsync(
            alice.Client, $"{workflow}/test-step",
            new { step, input = new { name = "Note" }, outputs = new { a = "text" }, allow_effects }, HttpStatusCode.OK);

        Assert.That(done.GetProperty("done").GetBoolean(), Is.EqualTo(allow_effects), done.GetRawText());
        Assert.That(done.GetProperty("input").GetProperty("data").GetProperty("markdown").GetString(), Is.EqualTo("text"));
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) from artifacts.artifacts where name = 'Note' and user_id = $1", alice.Id), Is.EqualTo(made));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions"), Is.Zero);
    }

    [Test]
    public async Task A_step_of_the_draft_is_found_by_its_key_and_a_strangers_is_not()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await DraftAsync(alice.Client, Step("sum", "transform", new { value = "{{ input.a + input.b }}" }));

        var done = await PostAsync(alice.Client, $"{workflow}/test-step", new { step = "sum", input = new { a = 1, b = 2 } }, HttpStatusCode.OK);
        using var unknown = await alice.Client.PostAsJsonAsync($"{workflow}/test-step", new { step = "no" });
        using var elsewhere = await bob.Client.PostAsJsonAsync($"{workflow}/test-step", new { step = "sum" });

        Assert.That(done.GetProperty("output").GetInt32(), Is.EqualTo(3));
        await ExpectProblemAsync(unknown, 422, "step_unknown");
        await ExpectProblemAsync(elsewhere, 404, "workflow_not_found");
    }

    [Test]
    public async Task A_step_with_faults_is_not_tried()
    {
        var alice = await SignInAsync();
        var workflow = await DraftAsync(alice.Client, Step("a", "transform", new { value = 1 }));

        using var refused = await alice.Client.PostAsJsonAsync(
            $"{workflow}/test-step", new { step = Step("b", "transform", new { value = "{{ steps.a.output }}" }) });

        await ExpectProblemAsync(refused, 422, "definition_invalid");
    }

    private static async Task<string> DraftAsync(HttpClient client, params TestStep[] steps)
    {
        var created = await PostAsync(client, "/api/v1/workflows", new { name = $"w {Guid.CreateVersion7()}", steps });
        return $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";
    }
}
