using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Platform.Chat.Tests.Generation;

public sealed class GenerationTests : ChatTest
{
    [Test]
    public async Task Answers_help_in_several_deltas_and_says_who_answers()
    {
        var alice = await SignInAsync();

        var message = await AskAsync(alice, await BeginSessionAsync(alice), "help");

        Assert.That(message.GetProperty("status").GetString(), Is.EqualTo("completed"));
        Assert.That(TextOf(message), Does.Contain("query <connector name>: <sql>").And.Contain("offline model"));
        var events = await EventsAsync(alice, message.GetProperty("id").GetGuid());
        Assert.That(events[0].Type, Is.EqualTo("message.start"));
        Assert.That(events[^1].Type, Is.EqualTo("message.end"));
        Assert.That(events.Count(entry => entry.Type == "text.delta"), Is.GreaterThan(2));
        Assert.That(TextOf(events), Is.EqualTo(TextOf(message)));
    }

    [Test]
    public async Task Answers_anything_else_with_the_commands_and_says_that_no_model_is_configured()
    {
        var alice = await SignInAsync();

        var message = await AskAsync(alice, await BeginSessionAsync(alice), "What were our sales in May?");

        Assert.That(TextOf(message), Does.StartWith("No model is configured").And.Contain("connectors").And.Contain("offline model"));
    }

    [Test]
    public async Task Resumes_a_stream_without_a_gap_or_a_repeat()
    {
        var alice = await SignInAsync();
        var message = (await AskAsync(alice, await BeginSessionAsync(alice), "help")).GetProperty("id").GetGuid();
        var all = await EventsAsync(alice, message);

        foreach (var seen in all)
        {
            if (seen != all[^1])
            {
                var rest = await EventsAsync(alice, message, seen.Id);

                Assert.That(rest.Select(entry => entry.Id), Is.EqualTo(all.Select(entry => entry.Id).Where(id => id > seen.Id)));
            }
        }

        Assert.That(all.Select(entry => entry.Id), Is.EqualTo(Enumerable.Range(1, all.Count).Select(id => (long)id)));
    }

    [Test]
    public async Task Streams_the_answer_by_the_call_that_asks()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Chat}/sessions/{session}/messages")
        {
            Content = JsonContent.Create(new { content = "help" }),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));

        using var response = await alice.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await Application.DrainAsync("chat");

        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        var events = Parse(await response.Content.ReadAsStringAsync());
        Assert.That(events[^1].Type, Is.EqualTo("message.end"));
        Assert.That(TextOf(events), Does.Contain("offline model"));
    }

    [Test]
    public async Task Stops_a_queued_message_at_once()
    {
        var alice = await SignInAsync();
        var message = await SendAsync(alice, await BeginSessionAsync(alice), "help");

        var stopped = await PostAsync(alice.Client, $"{Chat}/messages/{message}/stop", new { }, System.Net.HttpStatusCode.OK);
        await Application.DrainAsync("chat");

        Assert.That(stopped.GetProperty("status").GetString(), Is.EqualTo("stopped"));
        var events = await EventsAsync(alice, message);
        Assert.That(events.Select(entry => entry.Type), Is.EqualTo(new[] { "message.end" }));
        Assert.That((await GetAsync(alice, $"messages/{message}")).GetProperty("parts").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Stops_an_answer_in_the_middle()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        var message = await SendAsync(alice, session, "help");

        var writing = Application.DrainAsync("chat");
        await EventuallyAsync(async () =>
            await Application.ScalarAsync<bool>("select parts <> '[]' from chat.chat_messages where id = $1", message));
        var stopped = await PostAsync(alice.Client, $"{Chat}/messages/{message}/stop", new { }, System.Net.HttpStatusCode.OK);
        await writing;

        Assert.That(stopped.GetProperty("status").GetString(), Is.EqualTo("stopped"));
        var read = await GetAsync(alice, $"messages/{message}");
        Assert.That(TextOf(read), Is.EqualTo(TextOf(stopped)));
        Assert.That(TextOf(await EventsAsync(alice, message)), Is.EqualTo(TextOf(read)));
        var shown = (await GetAsync(alice, $"sessions/{session}")).GetProperty("messages")[1];
        Assert.That(shown.GetProperty("status").GetString(), Is.EqualTo("stopped"));
    }

    [Test]
    public async Task Finishes_once_what_a_killed_node_has_begun()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        var whole = TextOf(await AskAsync(alice, session, "help"));
        var message = await SendAsync(alice, session, "help");
        await LeaveHalfWrittenAsync(message, whole[..150]);

        await Application.DrainAsync("chat");

        var read = await GetAsync(alice, $"messages/{message}");
        Assert.That(read.GetProperty("status").GetString(), Is.EqualTo("completed"));
        Assert.That(read.GetProperty("parts").GetArrayLength(), Is.EqualTo(1));
        Assert.That(TextOf(read), Is.EqualTo(whole));
        var events = await EventsAsync(alice, message);
        Assert.That(events.Count(entry => entry.Type == "message.end"), Is.EqualTo(1));
        Assert.That(TextOf(events), Is.EqualTo(whole[150..]));
    }

    [Test]
    public async Task Runs_no_tool_call_again_that_has_a_result()
    {
        var alice = await SignInAsync();
        var message = await SendAsync(alice, await BeginSessionAsync(alice), "save it");
        await Application.ScalarAsync<int>(
            """
            update chat.chat_messages set status = 'streaming', fence = 7, attempts = 1, lease_until = now() - interval '1 second', parts =
              '[{"type":"tool_call","call_id":"call_1","name":"save_table","arguments":{"name":"it"}},
                {"type":"tool_result","call_id":"call_1","name":"save_table","ok":true,"text":"Kept 3 rows as it."}]'
            where id = $1
            """,
            message);

        await Application.DrainAsync("chat");

        var read = await GetAsync(alice, $"messages/{message}");
        Assert.That(TextOf(read), Does.StartWith("Kept 3 rows as it."));
        Assert.That(read.GetProperty("parts").GetArrayLength(), Is.EqualTo(3));
    }

    [TestCase("chart bar month total", "result_missing")]
    [TestCase("save sales", "result_missing")]
    [TestCase("pin nothing to nowhere", "artifact_not_found")]
    [TestCase("chart round month total", "chart_type_unknown")]
    public async Task Tells_a_refusal_in_words_and_completes(string command, string code)
    {
        var alice = await SignInAsync();

        var message = await AskAsync(alice, await BeginSessionAsync(alice), command);

        Assert.That(message.GetProperty("status").GetString(), Is.EqualTo("completed"));
        var result = message.GetProperty("parts")[1];
        Assert.That(result.GetProperty("type").GetString(), Is.EqualTo("tool_result"));
        Assert.That(result.GetProperty("ok").GetBoolean(), Is.False);
        Assert.That(result.GetProperty("code").GetString(), Is.EqualTo(code));
        Assert.That(TextOf(message), Does.Contain(result.GetProperty("text").GetString()!));
    }

    [Test]
    public async Task Fails_a_message_whose_model_is_gone()
    {
        var alice = await SignInAsync();
        var message = await SendAsync(alice, await BeginSessionAsync(alice), "help");
        await Application.ScalarAsync<int>("update chat.chat_messages set model = 'gone' where id = $1", message);

        await Application.DrainAsync("chat");

        var read = await GetAsync(alice, $"messages/{message}");
        Assert.That(read.GetProperty("status").GetString(), Is.EqualTo("failed"));
        Assert.That(read.GetProperty("error_code").GetString(), Is.EqualTo("model_unknown"));
        var events = await EventsAsync(alice, message);
        Assert.That(events.Select(entry => entry.Type), Is.EqualTo(new[] { "message.start", "error", "message.end" }));
    }

    private static Task<int> LeaveHalfWrittenAsync(Guid message, string text) =>
        Application.ScalarAsync<int>(
            """
            update chat.chat_messages set status = 'streaming', fence = 7, attempts = 1, lease_until = now() - interval '1 second',
              parts = jsonb_build_array(jsonb_build_object('type', 'text', 'text', $2))
            where id = $1
            """,
            message, text);
}
