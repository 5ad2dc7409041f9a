using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Profile;

public sealed class ProfileDocumentTests : IdentityTest
{
    private const string Preferences = "/api/v1/me/preferences";
    private const string Settings = "/api/v1/me/settings";

    [TestCase(Preferences, """{"theme": "dark", "sidebar": {"collapsed": true, "width": 240}}""", """{"sidebar": {"width": null}, "theme": "light"}""",
        """{"theme":"light","sidebar":{"collapsed":true}}""")]
    [TestCase(Settings, """{"notifications": {"email": true, "digest": "daily"}}""", """{"notifications": null, "custom": {"a": [1, {"b": null}]}}""",
        """{"custom":{"a":[1,{"b":null}]}}""")]
    public async Task Merges_a_patch_at_every_depth(string path, string first, string second, string expected)
    {
        var alice = await SignInAsync();

        await PatchAsync(alice, path, first);
        using var patched = await PatchAsync(alice, path, second);
        using var read = await alice.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.That(JsonElement.DeepEquals(await ExpectJsonAsync(patched), JsonDocument.Parse(expected).RootElement), Is.True);
        Assert.That(JsonElement.DeepEquals(await ExpectJsonAsync(read), JsonDocument.Parse(expected).RootElement), Is.True);
        Assert.That(read.Headers.ETag, Is.EqualTo(patched.Headers.ETag).And.Not.Null);
    }

    [TestCase(Preferences, """{"theme": 4}""", "$.theme")]
    [TestCase(Preferences, """{"theme": "pink"}""", "$.theme")]
    [TestCase(Preferences, """{"them": "dark"}""", "$.them")]
    [TestCase(Preferences, """{"sidebar": {"width": -1}}""", "$.sidebar.width")]
    [TestCase(Preferences, """{"sidebar": {"width": 1.5}}""", "$.sidebar.width")]
    [TestCase(Preferences, """{"sidebar": {"pinned": ["a", 2]}}""", "$.sidebar.pinned[1]")]
    [TestCase(Preferences, """{"sidebar": []}""", "$.sidebar")]
    [TestCase(Preferences, "[]", "$")]
    [TestCase(Settings, """{"notifications": {"pigeon": true}}""", "$.notifications.pigeon")]
    [TestCase(Settings, """{"dashboards": {"refresh_seconds": 100000}}""", "$.dashboards.refresh_seconds")]
    [TestCase(Settings, """{"weekly_report": "yes"}""", "$.weekly_report")]
    public async Task Refuses_what_breaks_the_schema_and_says_where(string path, string patch, string place)
    {
        var alice = await SignInAsync();

        using var response = await PatchAsync(alice, path, patch);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo(new[] { place }));
        Assert.That((await ExpectJsonAsync(await alice.Client.GetAsync(new Uri(path, UriKind.Relative)))).GetRawText(), Is.EqualTo("{}"));
    }

    [Test]
    public async Task Removes_also_what_is_not_known_any_more()
    {
        var alice = await SignInAsync();
        await ExecuteAsync($"update identity.user_profiles set settings = jsonb_build_object('old', 1) where user_id = '{alice.Id}'");

        using var kept = await PatchAsync(alice, Settings, """{"weekly_report": true}""");
        using var removed = await PatchAsync(alice, Settings, """{"old": null}""");

        await ExpectJsonAsync(kept);
        Assert.That((await ExpectJsonAsync(removed)).GetRawText(), Is.EqualTo("""{"weekly_report":true}"""));
    }

    [TestCase(Preferences)]
    [TestCase(Settings)]
    public async Task Refuses_a_document_over_64_KiB(string path)
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.PatchAsJsonAsync(path, new { custom = new { text = new string('x', 64 * 1024) } });

        await ExpectProblemAsync(response, 422, path == Settings ? "settings_too_large" : "preferences_too_large");
    }

    [TestCase(Preferences, "theme")]
    [TestCase(Settings, "notifications")]
    public async Task Publishes_the_schema(string path, string member)
    {
        var alice = await SignInAsync();

        using var response = await alice.Client.GetAsync(new Uri($"{path}/schema", UriKind.Relative));

        var schema = await ExpectJsonAsync(response);
        Assert.That(schema.GetProperty("$schema").GetString(), Does.Contain("2020-12"));
        Assert.That(schema.GetProperty("properties").TryGetProperty(member, out _), Is.True);
    }

    private static Task<HttpResponseMessage> PatchAsync(TestUser user, string path, string patch) =>
        user.Client.PatchAsync(new Uri(path, UriKind.Relative), new StringContent(patch, Encoding.UTF8, "application/json"));
}
