using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Chat.Tests.Generation;

public sealed class ApprovalTests : ChatTest
{
    [Test]
    public async Task Waits_for_a_person_before_it_runs_a_workflow()
    {
        var alice = await SignInAsync();

        var message = await AskAsync(alice, await BeginSessionAsync(alice), """run nightly {"day":1}""");

        Assert.That(message.GetProperty("status").GetString(), Is.EqualTo("streaming"));
        var call = message.GetProperty("parts")[0];
        Assert.That(call.GetProperty("approval").GetProperty("status").GetString(), Is.EqualTo("pending"));
        Assert.That(call.GetProperty("arguments").GetRawText(), Does.Contain("nightly"));
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) from platform.stream_events where type = 'approval.required'"),
            Is.EqualTo(1));
    }

    [Test]
    public async Task Goes_on_without_it_when_it_is_refused()
    {
        var alice = await SignInAsync();
        var message = await AskAsync(alice, await BeginSessionAsync(alice), "run nightly");

        await DecideAsync(alice, message, approve: false);
        await Application.DrainAsync("chat");

        var read = await GetAsync(alice, $"messages/{message.GetProperty("id").GetGuid()}");
        Assert.That(read.GetProperty("status").GetString(), Is.EqualTo("completed"));
        Assert.That(read.GetProperty("parts")[1].GetProperty("code").GetString(), Is.EqualTo("tool_call_refused"));
    }

    [Test]
    public async Task Does_nothing_with_arguments_that_were_not_approved()
    {
        var alice = await SignInAsync();
        var message = await AskAsync(alice, await BeginSessionAsync(alice), "run nightly");
        await DecideAsync(alice, message, approve: true);
        await Application.ScalarAsync<int>(
            """update chat.chat_messages set parts = jsonb_set(parts, '{0,arguments,workflow}', '"wipe"') where role = 'assistant'""");

        await Application.DrainAsync("chat");

        var read = await GetAsync(alice, $"messages/{message.GetProperty("id").GetGuid()}");
        Assert.That(read.GetProperty("parts")[1].GetProperty("code").GetString(), Is.EqualTo("approval_stale"));
    }

    [Test]
    public async Task Refuses_a_decision_on_what_does_not_wait()
    {
        var alice = await SignInAsync();
        var message = await AskAsync(alice, await BeginSessionAsync(alice), "run nightly");
        var path = $"{Chat}/messages/{message.GetProperty("id").GetGuid()}/approvals";

        using var unknown = await alice.Client.PostAsJsonAsync($"{path}/call_99", new { approve = true });
        using var stale = await alice.Client.PostAsJsonAsync($"{path}/{CallIdOf(message)}", new { approve = true, arguments_hash = "00" });
        await DecideAsync(alice, message, approve: false);
        using var again = await alice.Client.PostAsJsonAsync($"{path}/{CallIdOf(message)}", new { approve = true });

        await ExpectProblemAsync(unknown, 404, "tool_call_not_found");
        await ExpectProblemAsync(stale, 409, "approval_stale");
        await ExpectProblemAsync(again, 409, "approval_not_pending");
    }

    [Test]
    public async Task Stops_a_message_that_waits()
    {
        var alice = await SignInAsync();
        var message = await AskAsync(alice, await BeginSessionAsync(alice), "run nightly");
        var id = message.GetProperty("id").GetGuid();

        var stopped = await PostAsync(alice.Client, $"{Chat}/messages/{id}/stop", new { }, HttpStatusCode.OK);

        Assert.That(stopped.GetProperty("status").GetString(), Is.EqualTo("stopped"));
        Assert.That((await EventsAsync(alice, id))[^1].Type, Is.EqualTo("message.end"));
    }

    private static string CallIdOf(JsonElement message) => message.GetProperty("parts")[0].GetProperty("call_id").GetString()!;

    private static Task<JsonElement> DecideAsync(TestUser user, JsonElement message, bool approve)
    {
        var call = message.GetProperty("parts")[0];
        return PostAsync(
            user.Client,
            $"{Chat}/messages/{message.GetProperty("id").GetGuid()}/approvals/{CallIdOf(message)}",
            new { approve, arguments_hash = call.GetProperty("approval").GetProperty("arguments_hash").GetString() },
            HttpStatusCode.OK);
    }
}
