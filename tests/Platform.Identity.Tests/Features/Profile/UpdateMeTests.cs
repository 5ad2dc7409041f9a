using System.Net.Http.Headers;
using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Profile;

public sealed class UpdateMeTests : PlatformTest
{
    private const string Me = "/api/v1/me";

    [Test]
    public async Task Changes_the_name_and_merges_the_metadata()
    {
        var alice = await SignInAsync();
        await alice.Client.PatchAsJsonAsync(Me, new { metadata = new { city = "Oslo", team = "data" } });

        using var response = await alice.Client.PatchAsJsonAsync(Me, new { full_name = " Alice ", metadata = new { city = (string?)null } });

        var me = await ExpectJsonAsync(response);
        Assert.That(me.GetProperty("full_name").GetString(), Is.EqualTo("Alice"));
        Assert.That(me.GetProperty("metadata").GetRawText(), Is.EqualTo("""{"team":"data"}"""));
    }

    [Test]
    public async Task Answers_what_the_next_read_answers()
    {
        var alice = await SignInAsync();

        using var changed = await alice.Client.PatchAsJsonAsync(Me, new { full_name = "Alice" });
        using var read = await alice.Client.GetAsync(new Uri(Me, UriKind.Relative));

        Assert.That(await changed.Content.ReadAsStringAsync(), Is.EqualTo(await read.Content.ReadAsStringAsync()));
        Assert.That(changed.Headers.ETag, Is.EqualTo(read.Headers.ETag));
    }

    [Test]
    public async Task Refuses_a_stale_version()
    {
        var alice = await SignInAsync();
        using var read = await alice.Client.GetAsync(new Uri(Me, UriKind.Relative));
        await alice.Client.PatchAsJsonAsync(Me, new { full_name = "first" });
        using var request = new HttpRequestMessage(HttpMethod.Patch, Me) { Content = JsonContent.Create(new { full_name = "second" }) };
        request.Headers.IfMatch.Add(read.Headers.ETag!);

        using var response = await alice.Client.SendAsync(request);

        await ExpectProblemAsync(response, 412, "version_stale");
        var name = await Application.ScalarAsync<string>("select full_name from identity.users where id = $1", alice.Id);
        Assert.That(name, Is.EqualTo("first"));
    }

    [Test]
    public async Task Accepts_the_current_version()
    {
        var alice = await SignInAsync();
        using var read = await alice.Client.GetAsync(new Uri(Me, UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Patch, Me) { Content = JsonContent.Create(new { full_name = "second" }) };
        request.Headers.IfMatch.Add(read.Headers.ETag!);

        using var response = await alice.Client.SendAsync(request);

        await ExpectJsonAsync(response);
    }

    [TestCase("""{"full_name": 4}""", 422, "validation_failed", "$.full_name")]
    [TestCase("""{"metadata": []}""", 422, "validation_failed", "$.metadata")]
    [TestCase("""{"nickname": "x"}""", 422, "validation_failed", "$.nickname")]
    [TestCase("""{"full_name": """, 400, "json_malformed", null)]
    [TestCase("", 400, "request_malformed", null)]
    public async Task Refuses_a_bad_body(string body, int status, string code, string? path)
    {
        var alice = await SignInAsync();
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        using var response = await alice.Client.PatchAsync(new Uri(Me, UriKind.Relative), content);

        var problem = await ExpectProblemAsync(response, status, code);
        if (path is not null)
        {
            Assert.That(problem.GetProperty("errors").TryGetProperty(path, out _), Is.True, problem.GetRawText());
        }
    }

    [Test]
    public async Task Refuses_a_name_over_200_characters()
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.PatchAsJsonAsync(Me, new { full_name = new string('x', 201) });

        await ExpectProblemAsync(response, 422, "validation_failed");
    }
}
