using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Workflows.Jobs;

namespace Platform.Workflows.Tests.Features.Executions;

public sealed class ManyExecutionsTests : WorkflowTest
{
    [Test]
    public async Task Lists_executions_by_state_trigger_and_time()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "fail", new { message = "no" }) with { when = "input.fails" });
        await RunAsync(alice.Client, workflow, new { fails = true });
        await RunAsync(alice.Client, workflow, new { fails = false });

        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions?status=failed"), Is.EqualTo(1));
        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions?trigger=manual"), Is.EqualTo(2));
        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions?trigger=cron"), Is.Zero);
        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions?from=2099-01-01T00:00:00Z"), Is.Zero);
        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z"), Is.EqualTo(2));
        using var refused = await alice.Client.GetAsync(new Uri($"{workflow}/executions?trigger=magic", UriKind.Relative));
        await ExpectProblemAsync(refused, 422, "validation_failed");
    }

    [Test]
    public async Task Resumes_many_that_failed_and_no_more_than_asked()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "fail", new { message = "no", code = "broken" }));
        for (var n = 0; n < 3; n++)
        {
            await RunAsync(alice.Client, workflow, new { });
        }

        var none = await PostAsync(alice.Client, $"{workflow}/executions/retry", new { error_code = "other" }, HttpStatusCode.Accepted);
        var two = await PostAsync(alice.Client, $"{workflow}/executions/retry", new { error_code = "step_failed", limit = 2 }, HttpStatusCode.Accepted);
        using var elsewhere = await bob.Client.PostAsJsonAsync($"{workflow}/executions/retry", new { });

        Assert.That(none.GetProperty("ids").GetArrayLength(), Is.Zero);
        Assert.That((two.GetProperty("ids").GetArrayLength(), two.GetProperty("has_more").GetBoolean()), Is.EqualTo((2, true)));
        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions?status=queued"), Is.EqualTo(2));
        await ExpectProblemAsync(elsewhere, 404, "workflow_not_found");
    }

    [Test]
    public async Task Keeps_what_has_ended_as_long_as_its_workflow_says()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }));
        var old = (await RunAsync(alice.Client, workflow, new { })).GetProperty("id").GetGuid();
        var kept = (await RunAsync(alice.Client, workflow, new { })).GetProperty("id").GetGuid();
        await AgeAsync(old, 31);
        await AgeAsync(kept, 29);

        await ActivatorUtilities.CreateInstance<DeleteOldExecutionsJob>(Application.Services).RunAsync(CancellationToken.None);

        Assert.That(await CountAsync(alice.Client, $"{workflow}/executions"), Is.EqualTo(1));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.execution_steps"), Is.EqualTo(1));
    }

    [Test]
    public async Task Hides_secrets_and_shows_items_where_a_step_is_read()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("a", "transform", new { value = new { password = "{{ item }}", note = "Bearer abcdefghijklmnopqrstuvwxyz", city = "Bonn" } }) with
            {
                for_each = "['hunter2', 'hunter3']",
            },
            Step("b", "approval", new { title = "{{ item }}", details = new { api_key = "k-123" } }, "a") with { for_each = "[7, 8]" });
        var execution = await RunAsync(alice.Client, workflow, new { token = "t-secret" });
        var path = $"/api/v1/executions/{execution.GetProperty("id").GetGuid()}";

        var whole = await GetAsync(alice.Client, $"{path}/steps/a");
        var waiting = await GetAsync(alice.Client, $"{path}/steps/b");
        var item = await GetAsync(alice.Client, $"{path}/steps/b?item=1");
        using var missing = await alice.Client.GetAsync(new Uri($"{path}/steps/b?item=2", UriKind.Relative));

        Assert.That(execution.GetRawText(), Does.Not.Contain("t-secret"));
        Assert.That(
            whole.GetProperty("output").GetRawText(),
            Does.Not.Contain("hunter").And.Not.Contain("abcdefghijklmnop").And.Contain("Bonn"));
        Assert.That(waiting.GetProperty("items").GetArrayLength(), Is.EqualTo(2), waiting.GetRawText());
        Assert.That(item.GetProperty("input").GetProperty("title").GetInt32(), Is.EqualTo(8), item.GetRawText());
        Assert.That(item.GetRawText(), Does.Not.Contain("k-123"));
        await ExpectProblemAsync(missing, 404, "execution_step_not_found");
    }

    private static async Task<int> CountAsync(HttpClient client, string path) =>
        (await GetAsync(client, path)).GetProperty("items").GetArrayLength();

    // An id holds the time that its row was made at.
    private static async Task AgeAsync(Guid id, int days)
    {
        var then = TimeProvider.System.GetUtcNow().AddDays(-days);
        await Application.ScalarAsync<object>(
            """
            with moved as (
              insert into workflows.workflow_executions (id, workflow_id, user_id, version, status, created_at, started_at, completed_at)
              select $2, workflow_id, user_id, version, status, $3, $3, $3 from workflows.workflow_executions where id = $1 returning 1
            ), step as (
              update workflows.execution_steps set execution_id = $2 where execution_id = $1 and exists (select from moved) returning 1
            ) select count(*) from moved, step
            """,
            id, Guid.CreateVersion7(then), then);
        await Application.ScalarAsync<object>("delete from workflows.workflow_executions where id = $1", id);
    }
}
