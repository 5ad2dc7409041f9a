using System.Net;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Chat.Tests.Tools;

public sealed class ToolTests : ChatTest
{
    [Test]
    public async Task Makes_a_chart_of_the_last_result_and_pins_it()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        await GiveResultAsync(alice, session);
        var dashboard = await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Board" });

        var charted = await AskAsync(alice, session, "chart bar MONTH total");
        var pinned = await AskAsync(alice, session, "pin total by month to Board");

        var made = charted.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("type").GetString() == "artifact");
        var artifact = await ReadAsync(alice, $"artifacts/{made.GetProperty("artifact_id").GetGuid()}");
        Assert.That(artifact.GetProperty("type").GetString(), Is.EqualTo("chart"));
        Assert.That(artifact.GetProperty("session_id").GetGuid(), Is.EqualTo(session));
        var config = artifact.GetProperty("data").GetProperty("config");
        Assert.That(config.GetProperty("x").GetString(), Is.EqualTo("month"));
        Assert.That(config.GetProperty("title").GetString(), Is.EqualTo("total by month"));
        Assert.That(TextOf(pinned), Does.StartWith("Put 'total by month' on the dashboard 'Board'."));
        var widgets = (await ReadAsync(alice, $"dashboards/{dashboard.GetProperty("id").GetGuid()}")).GetProperty("widgets");
        Assert.That(widgets[0].GetProperty("type").GetString(), Is.EqualTo("bar"));
        Assert.That(widgets[0].GetProperty("data_query").GetProperty("query").GetString(), Is.EqualTo("select month, total from sales"));
    }

    [Test]
    public async Task Keeps_the_last_result_once_even_if_its_commit_was_lost()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        await GiveResultAsync(alice, session);
        var message = (await AskAsync(alice, session, "save sales")).GetProperty("id").GetGuid();
        await Application.ScalarAsync<int>(
            "update chat.chat_messages set status = 'streaming', parts = jsonb_build_array(parts -> 0) where id = $1", message);

        await Application.DrainAsync("chat");

        Assert.That(TextOf(await GetAsync(alice, $"messages/{message}")), Does.StartWith("Kept 2 rows as 'sales'."));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from artifacts.artifacts"), Is.EqualTo(1));
    }

    [Test]
    public async Task Names_the_columns_where_one_is_unknown()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        await GiveResultAsync(alice, session);

        var message = await AskAsync(alice, session, "chart bar week total");

        Assert.That(message.GetProperty("parts")[1].GetProperty("code").GetString(), Is.EqualTo("column_unknown"));
        Assert.That(TextOf(message), Does.Contain("month, total"));
    }

    [Test]
    public async Task Starts_a_workflow_once_when_it_is_approved()
    {
        var alice = await SignInAsync();
        await PublishWorkflowAsync(alice);
        var asked = await AskAsync(alice, await BeginSessionAsync(alice), """run nightly load {"day":1}""");
        var id = asked.GetProperty("id").GetGuid();
        var call = asked.GetProperty("parts")[0].GetProperty("call_id").GetString();

        await PostAsync(alice.Client, $"{Chat}/messages/{id}/approvals/{call}", new { approve = true }, HttpStatusCode.OK);
        await Application.DrainAsync("chat");
        var started = await GetAsync(alice, $"messages/{id}");
        await Application.ScalarAsync<int>(
            "update chat.chat_messages set status = 'streaming', parts = jsonb_build_array(parts -> 0) where id = $1", id);
        await Application.DrainAsync("chat");

        Assert.That(TextOf(started), Does.StartWith("Started 'nightly load'"));
        Assert.That((await GetAsync(alice, $"messages/{id}")).GetProperty("status").GetString(), Is.EqualTo("completed"));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from workflows.workflow_executions"), Is.EqualTo(1));
    }

    [Test]
    public async Task Reaches_nothing_of_somebody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        await PublishWorkflowAsync(alice);
        var asked = await AskAsync(bob, await BeginSessionAsync(bob), "run nightly load");
        var id = asked.GetProperty("id").GetGuid();
        var call = asked.GetProperty("parts")[0].GetProperty("call_id").GetString();

        await PostAsync(bob.Client, $"{Chat}/messages/{id}/approvals/{call}", new { approve = true }, HttpStatusCode.OK);
        await Application.DrainAsync("chat");

        var read = await GetAsync(bob, $"messages/{id}");
        Assert.That(read.GetProperty("parts")[1].GetProperty("code").GetString(), Is.EqualTo("workflow_not_found"));
    }

    private static async Task<JsonElement> ReadAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        return await ExpectJsonAsync(response);
    }

    private static async Task PublishWorkflowAsync(TestUser user)
    {
        var steps = new[] { new { key = "a", type = "transform", with = new { value = 1 } } };
        var workflow = await PostAsync(user.Client, "/api/v1/workflows", new { name = "nightly load", steps });
        using var published = await user.Client.PostAsync(
            new Uri($"/api/v1/workflows/{workflow.GetProperty("id").GetGuid()}/publish", UriKind.Relative), null);
        await ExpectJsonAsync(published);
    }

    // As if a query had been run: what is tested here is what follows it.
    private static async Task GiveResultAsync(TestUser user, Guid session)
    {
        var message = (await AskAsync(user, session, "help")).GetProperty("id").GetGuid();
        await Application.ScalarAsync<int>(
            """
            update chat.chat_messages set parts =
              '[{"type":"tool_call","call_id":"call_0","name":"run_query","arguments":{"connector":"shop","sql":"select 1"}},
                {"type":"tool_result","call_id":"call_0","name":"run_query","ok":true,"text":"2 rows.","data":{
                  "connector_id":"01890000-0000-7000-8000-000000000000","query":"select month, total from sales",
                  "columns":[{"name":"month","type":"text"},{"name":"total","type":"integer"}],
                  "rows":[["May",5],["June",7]],"row_count":2,"truncated":false}}]'
            where id = $1
            """,
            message);
    }
}
