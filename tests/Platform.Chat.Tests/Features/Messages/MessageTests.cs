using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Platform.Chat.Tests.Features.Messages;

public sealed class MessageTests : ChatTest
{
    [Test]
    public async Task Accepts_a_message_and_says_where_to_watch_its_answer()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);

        using var response = await alice.Client.PostAsJsonAsync($"{Chat}/sessions/{session}/messages", new { content = "help" });

        var sent = await ExpectJsonAsync(response, HttpStatusCode.Accepted);
        var id = sent.GetProperty("message_id").GetGuid();
        Assert.That(sent.GetProperty("events").GetString(), Is.EqualTo($"{Chat}/messages/{id}/events"));
        var message = await GetAsync(alice, response.Headers.Location!.ToString()[$"{Chat}/".Length..]);
        Assert.That(message.GetProperty("status").GetString(), Is.EqualTo("queued"));
        Assert.That(message.GetProperty("parent_id").GetGuid(), Is.EqualTo(sent.GetProperty("user_message_id").GetGuid()));
        Assert.That(message.GetProperty("model").GetString(), Is.EqualTo("offline"));
    }

    [Test]
    public async Task Shows_the_active_branch_in_the_session()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        await AskAsync(alice, session, "help");

        var read = await GetAsync(alice, $"sessions/{session}");

        var messages = read.GetProperty("messages").EnumerateArray().ToList();
        Assert.That(messages.Select(message => message.GetProperty("role").GetString()), Is.EqualTo(new[] { "user", "assistant" }));
        Assert.That(messages[1].GetProperty("status").GetString(), Is.EqualTo("completed"));
        Assert.That(read.GetProperty("title").GetString(), Is.EqualTo("help"));
        Assert.That(read.GetProperty("active_message_id").GetGuid(), Is.EqualTo(messages[1].GetProperty("id").GetGuid()));
    }

    [Test]
    public async Task Begins_another_branch_where_a_parent_is_given()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        var first = await AskAsync(alice, session, "help");
        await AskAsync(alice, session, "one");
        var parent = first.GetProperty("id").GetGuid();

        await PostAsync(
            alice.Client, $"{Chat}/sessions/{session}/messages", new { content = "two", parent_id = parent }, HttpStatusCode.Accepted);

        var shown = (await GetAsync(alice, $"sessions/{session}")).GetProperty("messages").EnumerateArray().Select(TextOf).ToList();
        Assert.That(shown, Has.Count.EqualTo(4));
        Assert.That(shown[0], Is.EqualTo("help"));
        Assert.That(shown[2], Is.EqualTo("two"));
        Assert.That((await GetAsync(alice, $"sessions/{session}/messages")).GetProperty("items").GetArrayLength(), Is.EqualTo(6));
    }

    [Test]
    public async Task Refuses_a_second_message_while_the_answer_is_being_written()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        await SendAsync(alice, session, "help");

        using var second = await alice.Client.PostAsJsonAsync($"{Chat}/sessions/{session}/messages", new { content = "help" });
        using var elsewhere = await alice.Client.PostAsJsonAsync(
            $"{Chat}/sessions/{session}/messages", new { content = "help", parent_id = (Guid?)null });

        await ExpectProblemAsync(second, 409, "generation_running");
        Assert.That(elsewhere.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [Test]
    public async Task Lets_one_of_two_messages_through_that_are_sent_at_once()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);

        var responses = await Task.WhenAll(Enumerable.Range(0, 5)
            .Select(_ => alice.Client.PostAsJsonAsync($"{Chat}/sessions/{session}/messages", new { content = "help" })));

        var codes = responses.Select(response => (int)response.StatusCode).Order().ToList();
        Array.ForEach(responses, response => response.Dispose());
        Assert.That(codes, Is.EqualTo(new[] { 202, 409, 409, 409, 409 }));
    }

    [TestCase("""{"content":""}""", 422)]
    [TestCase("""{"content":5}""", 422)]
    [TestCase("""{}""", 422)]
    [TestCase("""{"content":"help","model":"unheard-of"}""", 422)]
    [TestCase("""{"content":"help","role":"assistant"}""", 422)]
    [TestCase("""{"content":"help","attachments":[{"path":"/etc"}]}""", 422)]
    [TestCase("""{"content":"help","parent_id":"01890000-0000-7000-8000-000000000000"}""", 422)]
    [TestCase("""{"content":"he\u0000lp"}""", 422)]
    [TestCase("""{"content":""", 400)]
    public async Task Refuses_a_body_that_does_not_fit(string body, int status)
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        using var response = await alice.Client.PostAsync(new Uri($"{Chat}/sessions/{session}/messages", UriKind.Relative), content);

        Assert.That((int)response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
        Assert.That(await Application.ScalarAsync<long>("select count(*) from chat.chat_messages"), Is.Zero);
    }

    [Test]
    public async Task Lists_messages_newest_first_page_by_page()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        await AskAsync(alice, session, "one");
        await AskAsync(alice, session, "two");

        var first = await GetAsync(alice, $"sessions/{session}/messages?limit=3");
        var second = await GetAsync(alice, $"sessions/{session}/messages?limit=3&cursor={first.GetProperty("next_cursor").GetString()}");

        var roles = new[] { first, second }.SelectMany(page => page.GetProperty("items").EnumerateArray())
            .Select(item => item.GetProperty("role").GetString()).ToList();
        Assert.That(roles, Is.EqualTo(new[] { "assistant", "user", "assistant", "user" }));
        Assert.That(TextOf(second.GetProperty("items")[0]), Is.EqualTo("one"));
    }

    [Test]
    public async Task Sends_once_what_is_repeated_with_the_same_key()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        alice.Client.DefaultRequestHeaders.Add("Idempotency-Key", "the-same");

        var first = await SendAsync(alice, session, "help");
        var second = await SendAsync(alice, session, "help");

        Assert.That(second, Is.EqualTo(first));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from chat.chat_messages"), Is.EqualTo(2));
    }

    [Test]
    public async Task Answers_404_to_anybody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var message = await SendAsync(alice, await BeginSessionAsync(alice), "help");
        var path = $"{Chat}/messages/{message}";

        using var read = await bob.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var events = await bob.Client.GetAsync(new Uri($"{path}/events", UriKind.Relative));
        using var stopped = await bob.Client.PostAsync(new Uri($"{path}/stop", UriKind.Relative), null);
        using var approved = await bob.Client.PostAsJsonAsync($"{path}/approvals/call_1", new { approve = true });

        foreach (var response in new[] { read, events, stopped, approved })
        {
            await ExpectProblemAsync(response, 404, "chat_message_not_found");
        }
    }

    [Test]
    public async Task Lists_models_and_tools()
    {
        var alice = await SignInAsync();

        var models = await GetAsync(alice, "models");
        var tools = await GetAsync(alice, "tools");

        Assert.That(models.GetProperty("items")[0].GetProperty("id").GetString(), Is.EqualTo("offline"));
        var approved = tools.GetProperty("items").EnumerateArray().Where(tool => tool.GetProperty("needs_approval").GetBoolean());
        Assert.That(approved.Select(tool => tool.GetProperty("name").GetString()), Is.EqualTo(new[] { "run_workflow" }));
        Assert.That(
            tools.GetProperty("items").EnumerateArray().Select(tool => tool.GetProperty("input_schema").GetProperty("type").GetString()),
            Is.All.EqualTo("object"));
    }
}
