using System.Net;
using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Dashboards;

public sealed class DashboardTests : PlatformTest
{
    private const string Dashboards = "/api/v1/dashboards";

    [Test]
    public async Task Stores_the_dashboard_for_its_owner()
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.PostAsJsonAsync(Dashboards, new { name = " Sales ", config = new { refresh = 60 } });

        var created = await ExpectJsonAsync(response, HttpStatusCode.Created);
        Assert.That(created.GetProperty("name").GetString(), Is.EqualTo("Sales"));
        using var read = await alice.Client.GetAsync(response.Headers.Location);
        Assert.That(await read.Content.ReadAsStringAsync(), Is.EqualTo(created.GetRawText()));
        Assert.That(read.Headers.ETag, Is.EqualTo(response.Headers.ETag).And.Not.Null);
        var owner = await Application.ScalarAsync<Guid>("select user_id from dashboards.dashboards");
        Assert.That(owner, Is.EqualTo(alice.Id));
    }

    [Test]
    public async Task Answers_404_to_anybody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var dashboard = await PostAsync(alice.Client, Dashboards, new { name = "Sales" });
        var path = $"{Dashboards}/{dashboard.GetProperty("id").GetGuid()}";

        using var read = await bob.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var changed = await bob.Client.PatchAsJsonAsync(path, new { name = "Mine" });
        using var removed = await bob.Client.DeleteAsync(new Uri(path, UriKind.Relative));

        await ExpectProblemAsync(read, 404, "dashboard_not_found");
        await ExpectProblemAsync(changed, 404, "dashboard_not_found");
        await ExpectProblemAsync(removed, 404, "dashboard_not_found");
    }

    [Test]
    public async Task Answers_409_to_a_second_dashboard_of_the_same_name()
    {
        var alice = await SignInAsync();
        await PostAsync(alice.Client, Dashboards, new { name = "Sales" });

        using var response = await alice.Client.PostAsJsonAsync(Dashboards, new { name = "Sales" });

        await ExpectProblemAsync(response, 409, "dashboard_name_taken");
    }

    [Test]
    public async Task Lists_newest_first_page_by_page()
    {
        var alice = await SignInAsync();
        for (var number = 1; number <= 5; number++)
        {
            await PostAsync(alice.Client, Dashboards, new { name = $"d{number}" });
        }

        var names = new List<string?>();
        string? cursor = null;
        do
        {
            using var response = await alice.Client.GetAsync(new Uri($"{Dashboards}?limit=2&cursor={cursor}", UriKind.Relative));
            var page = await ExpectJsonAsync(response);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);

        Assert.That(names, Is.EqualTo(new[] { "d5", "d4", "d3", "d2", "d1" }));
    }

    [TestCase("limit=0", 422, "validation_failed")]
    [TestCase("limit=101", 422, "validation_failed")]
    [TestCase("limit=many", 422, "validation_failed")]
    [TestCase("cursor=abc", 400, "cursor_invalid")]
    [TestCase("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 400, "cursor_invalid")]
    public async Task Refuses_a_bad_page(string query, int status, string code)
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.GetAsync(new Uri($"{Dashboards}?{query}", UriKind.Relative));

        await ExpectProblemAsync(response, status, code);
    }

    [Test]
    public async Task Merges_the_config_and_keeps_the_rest()
    {
        var alice = await SignInAsync();
        var created = await PostAsync(alice.Client, Dashboards, new { name = "Sales", description = "all", config = new { refresh = 60, theme = "dark" } });

        using var response = await alice.Client.PatchAsJsonAsync(
            $"{Dashboards}/{created.GetProperty("id").GetGuid()}", new { config = new { theme = (string?)null } });

        var changed = await ExpectJsonAsync(response);
        Assert.That(changed.GetProperty("config").GetRawText(), Is.EqualTo("""{"refresh":60}"""));
        Assert.That(changed.GetProperty("description").GetString(), Is.EqualTo("all"));
    }

    [Test]
    public async Task Keeps_the_first_of_two_edits_of_one_version()
    {
        var alice = await SignInAsync();
        using var created = await alice.Client.PostAsJsonAsync(Dashboards, new { name = "Sales" });

        using var first = await EditAsync(alice.Client, created, "first");
        using var second = await EditAsync(alice.Client, created, "second");

        await ExpectJsonAsync(first);
        await ExpectProblemAsync(second, 412, "version_stale");
    }

    [Test]
    public async Task Keeps_both_edits_when_two_people_save_at_once()
    {
        var alice = await SignInAsync();
        using var created = await alice.Client.PostAsJsonAsync(Dashboards, new { name = "Sales" });

        var edits = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => number % 2 == 0
            ? alice.Client.PatchAsJsonAsync(created.Headers.Location, new { name = "Renamed" })
            : alice.Client.PatchAsJsonAsync(created.Headers.Location, new { description = "Described" })));

        Assert.That(edits.Select(edit => (int)edit.StatusCode), Is.All.EqualTo(200));
        using var read = await alice.Client.GetAsync(created.Headers.Location);
        var dashboard = await ExpectJsonAsync(read);
        Assert.That(dashboard.GetProperty("name").GetString(), Is.EqualTo("Renamed"));
        Assert.That(dashboard.GetProperty("description").GetString(), Is.EqualTo("Described"));
    }

    [Test]
    public async Task Repeats_the_answer_for_a_repeated_key()
    {
        var alice = await SignInAsync();

        using var first = await CreateWithKeyAsync(alice.Client, "k1", "Sales");
        using var again = await CreateWithKeyAsync(alice.Client, "k1", "Sales");
        using var other = await CreateWithKeyAsync(alice.Client, "k1", "Stock");

        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(await again.Content.ReadAsStringAsync(), Is.EqualTo(await first.Content.ReadAsStringAsync()));
        Assert.That(again.Headers.ETag, Is.EqualTo(first.Headers.ETag));
        Assert.That(again.Headers.Location, Is.EqualTo(first.Headers.Location));
        await ExpectProblemAsync(other, 422, "idempotency_key_reused");
        Assert.That(await Application.ScalarAsync<long>("select count(*) from dashboards.dashboards"), Is.EqualTo(1));
    }

    [Test]
    public async Task Creates_one_dashboard_for_one_key_sent_many_times_at_once()
    {
        var alice = await SignInAsync();

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CreateWithKeyAsync(alice.Client, "k1", "Sales")));

        Assert.That(responses.Select(response => (int)response.StatusCode), Is.All.AnyOf(201, 409));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from dashboards.dashboards"), Is.EqualTo(1));
        foreach (var response in responses)
        {
            response.Dispose();
        }
    }

    [TestCase("""{"name": ""}""", 422, "validation_failed")]
    [TestCase("""{}""", 422, "validation_failed")]
    [TestCase("""{"name": null}""", 422, "validation_failed")]
    [TestCase("""{"name": "x", "layout": 3}""", 422, "validation_failed")]
    [TestCase("""{"name": "x", "name": "y"}""", 422, "validation_failed")]
    [TestCase("""{"name": "x", "colour": 1}""", 422, "validation_failed")]
    [TestCase("""{"name": "a\u0000b"}""", 422, "text_not_storable")]
    [TestCase("""[]""", 422, "validation_failed")]
    [TestCase("""{"name": "x" """, 400, "json_malformed")]
    public async Task Refuses_a_bad_body(string body, int status, string code)
    {
        var alice = await SignInAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await alice.Client.PostAsync(new Uri(Dashboards, UriKind.Relative), content);

        await ExpectProblemAsync(response, status, code);
    }

    [Test]
    public async Task Refuses_another_media_type_and_a_huge_body()
    {
        var alice = await SignInAsync();
        using var text = new StringContent("name=x", System.Text.Encoding.UTF8, "text/plain");
        using var huge = new StringContent($$"""{"name": "{{new string('x', 2_000_000)}}"}""", System.Text.Encoding.UTF8, "application/json");

        using var wrongType = await alice.Client.PostAsync(new Uri(Dashboards, UriKind.Relative), text);
        using var tooLarge = await alice.Client.PostAsync(new Uri(Dashboards, UriKind.Relative), huge);

        await ExpectProblemAsync(wrongType, 415, "unsupported_media_type");
        await ExpectProblemAsync(tooLarge, 413, "body_too_large");
    }

    private static Task<HttpResponseMessage> CreateWithKeyAsync(HttpClient client, string key, string name)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Dashboards) { Content = JsonContent.Create(new { name }) };
        request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> EditAsync(HttpClient client, HttpResponseMessage created, string name)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, created.Headers.Location) { Content = JsonContent.Create(new { name }) };
        request.Headers.IfMatch.Add(created.Headers.ETag!);
        return client.SendAsync(request);
    }
}
