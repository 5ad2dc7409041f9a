using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Platform.Chat.Tests.Features.Sessions;

public sealed class SessionTests : ChatTest
{
    [Test]
    public async Task Stores_the_session_for_its_owner()
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.PostAsJsonAsync(
            $"{Chat}/sessions", new { title = " Sales ", context = new { dashboard = 1 } });

        var created = await ExpectJsonAsync(response, HttpStatusCode.Created);
        Assert.That(created.GetProperty("title").GetString(), Is.EqualTo("Sales"));
        using var read = await alice.Client.GetAsync(response.Headers.Location);
        Assert.That(await read.Content.ReadAsStringAsync(), Is.EqualTo(created.GetRawText()));
        Assert.That(read.Headers.ETag, Is.EqualTo(response.Headers.ETag).And.Not.Null);
    }

    [Test]
    public async Task Answers_404_to_anybody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var path = $"{Chat}/sessions/{await BeginSessionAsync(alice)}";

        using var read = await bob.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var messages = await bob.Client.GetAsync(new Uri($"{path}/messages", UriKind.Relative));
        using var sent = await bob.Client.PostAsJsonAsync($"{path}/messages", new { content = "help" });
        using var changed = await bob.Client.PatchAsJsonAsync(path, new { title = "Mine" });
        using var removed = await bob.Client.DeleteAsync(new Uri(path, UriKind.Relative));

        foreach (var response in new[] { read, messages, sent, changed, removed })
        {
            await ExpectProblemAsync(response, 404, "chat_session_not_found");
        }

        Assert.That((await GetAsync(bob, "sessions")).GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Lists_newest_first_page_by_page()
    {
        var alice = await SignInAsync();
        for (var number = 1; number <= 3; number++)
        {
            await PostAsync(alice.Client, $"{Chat}/sessions", new { title = $"s{number}" });
        }

        var first = await GetAsync(alice, "sessions?limit=2");
        var second = await GetAsync(alice, $"sessions?limit=2&cursor={first.GetProperty("next_cursor").GetString()}");

        var titles = new[] { first, second }.SelectMany(page => page.GetProperty("items").EnumerateArray())
            .Select(item => item.GetProperty("title").GetString());
        Assert.That(titles, Is.EqualTo(new[] { "s3", "s2", "s1" }));
        Assert.That(second.GetProperty("next_cursor").GetString(), Is.Null);
    }

    [Test]
    public async Task Merges_a_patch_and_refuses_a_stale_one()
    {
        var alice = await SignInAsync();
        using var created = await alice.Client.PostAsJsonAsync($"{Chat}/sessions", new { context = new { a = 1, b = 2 } });
        using var change = Patch(created, new { title = "Sales", context = new { b = (int?)null, c = 3 } });
        using var stale = Patch(created, new { title = "Late" });

        using var changed = await alice.Client.SendAsync(change);
        using var refused = await alice.Client.SendAsync(stale);

        var session = await ExpectJsonAsync(changed);
        Assert.That(session.GetProperty("title").GetString(), Is.EqualTo("Sales"));
        Assert.That(session.GetProperty("context").GetRawText(), Is.EqualTo("""{"a":1,"c":3}"""));
        Assert.That((int)refused.StatusCode, Is.EqualTo(412));
    }

    [TestCase("""{"title":5}""", 422)]
    [TestCase("""{"context":[]}""", 422)]
    [TestCase("""{"name":"x"}""", 422)]
    [TestCase("""{"title":null}""", 422)]
    [TestCase("{", 400)]
    public async Task Refuses_a_body_that_does_not_fit(string body, int status)
    {
        var alice = await SignInAsync();
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        using var response = await alice.Client.PostAsync(new Uri($"{Chat}/sessions", UriKind.Relative), content);

        Assert.That((int)response.StatusCode, Is.EqualTo(status), await response.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Deleting_a_session_ends_what_is_being_written()
    {
        var alice = await SignInAsync();
        var session = await BeginSessionAsync(alice);
        var message = await SendAsync(alice, session, "help");

        using var removed = await alice.Client.DeleteAsync(new Uri($"{Chat}/sessions/{session}", UriKind.Relative));

        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from chat.chat_messages"), Is.Zero);
        Assert.That(
            await Application.ScalarAsync<bool>("select final from platform.stream_events where topic = $1", $"message:{message}"),
            Is.True);
    }

    private static HttpRequestMessage Patch(HttpResponseMessage created, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, created.Headers.Location) { Content = JsonContent.Create(body) };
        request.Headers.IfMatch.Add(created.Headers.ETag!);
        return request;
    }
}
