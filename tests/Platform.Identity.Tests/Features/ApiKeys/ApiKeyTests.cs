using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Platform.Identity.Authentication;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.ApiKeys;

public sealed class ApiKeyTests : IdentityTest
{
    private const string Keys = "/api/v1/me/api-keys";
    private static readonly Uri Me = new("/api/v1/me", UriKind.Relative);

    [Test]
    public async Task Shows_the_key_once_and_keeps_its_hash_alone()
    {
        var alice = await SignInAsync();

        var made = await PostAsync(alice.Client, Keys, new { name = "CI", scopes = new[] { "read", "write" } });

        var key = made.GetProperty("key").GetString()!;
        Assert.That(key, Does.Match("^plk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$").And.StartWith(made.GetProperty("prefix").GetString()!));
        var hash = await Application.ScalarAsync<string>("select key_hash from identity.api_keys where id = $1", made.GetProperty("id").GetGuid());
        Assert.That(hash, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))));
        using var list = await alice.Client.GetAsync(new Uri(Keys, UriKind.Relative));
        var item = (await ExpectJsonAsync(list)).GetProperty("items")[0];
        Assert.That(item.GetProperty("name").GetString(), Is.EqualTo("CI"));
        Assert.That(item.TryGetProperty("key", out _), Is.False);
    }

    [Test]
    public async Task Acts_as_its_owner_and_notes_its_use()
    {
        var alice = await SignInAsync();
        var client = With(await KeyOfAsync(alice, "read", "write"));

        using var read = await client.GetAsync(Me);
        using var written = await client.PatchAsJsonAsync(Me, new { full_name = "Alice" });

        Assert.That((await ExpectJsonAsync(read)).GetProperty("id").GetGuid(), Is.EqualTo(alice.Id));
        Assert.That((await ExpectJsonAsync(written)).GetProperty("full_name").GetString(), Is.EqualTo("Alice"));
        Assert.That(await Application.ScalarAsync<DateTime?>("select last_used_at from identity.api_keys"), Is.Not.Null);
    }

    [Test]
    public async Task Sees_nothing_of_anybody_else()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var bobs = await PostAsync(bob.Client, Keys, new { name = "his" });
        await KeyOfAsync(alice, "read");

        using var revoked = await alice.Client.DeleteAsync(new Uri($"{Keys}/{bobs.GetProperty("id").GetGuid()}", UriKind.Relative));
        using var list = await alice.Client.GetAsync(new Uri(Keys, UriKind.Relative));

        await ExpectProblemAsync(revoked, 404, "api_key_not_found");
        Assert.That((await ExpectJsonAsync(list)).GetProperty("items").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Only_reads_without_the_scope_to_write()
    {
        var alice = await SignInAsync();
        var client = With(await KeyOfAsync(alice, "read"));

        using var read = await client.GetAsync(Me);
        using var written = await client.PatchAsJsonAsync(Me, new { full_name = "Mallory" });

        await ExpectJsonAsync(read);
        await ExpectProblemAsync(written, 403, "read_only");
        Assert.That(await Application.ScalarAsync<string>("select full_name from identity.users where id = $1", alice.Id), Is.Null);
    }

    [Test]
    public async Task Reads_with_post_where_that_only_reads()
    {
        var alice = await SignInAsync();
        var client = With(await KeyOfAsync(alice, "read"));
        var dashboard = (await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Sales" })).GetProperty("id").GetGuid();

        var verdict = await PostAsync(client, "/api/v1/workflows/validate", new { steps = Array.Empty<object>() }, HttpStatusCode.OK);
        using var data = await client.PostAsJsonAsync($"/api/v1/dashboards/{dashboard}/data", new { });
        Assert.That(data.StatusCode, Is.EqualTo(HttpStatusCode.OK), "a stream of events, of which an empty dashboard has none");
        using var widget = await client.PostAsJsonAsync($"/api/v1/widgets/{dashboard}/data", new { });
        using var query = await client.PostAsJsonAsync($"/api/v1/connectors/{dashboard}/query", new { query = "select 1" });
        using var written = await client.PostAsJsonAsync("/api/v1/dashboards", new { name = "Mallory" });

        Assert.That(verdict.TryGetProperty("valid", out _), Is.True);
        await ExpectProblemAsync(widget, 404, "widget_not_found");
        await ExpectProblemAsync(query, 404, "connector_not_found");
        await ExpectProblemAsync(written, 403, "read_only");
    }

    [Test]
    public async Task Only_posts_that_exist_are_said_to_read()
    {
        var document = await ExpectJsonAsync(await Visitor().GetAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var posts = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("post", out _))
            .Select(path => path.Value.GetProperty("post").GetProperty("operationId").GetString());

        Assert.That(ReadingOperations.Names, Is.SubsetOf(posts));
    }

    [Test]
    public async Task Manages_no_keys_ends_no_session_and_reaches_no_admin_route()
    {
        var alice = await SignInAsync("admin");
        var client = With(await KeyOfAsync(alice, "read", "write"));

        using var list = await client.GetAsync(new Uri(Keys, UriKind.Relative));
        using var made = await client.PostAsJsonAsync(Keys, new { name = "another" });
        using var ended = await client.DeleteAsync(new Uri($"/api/v1/me/sessions/{Guid.CreateVersion7()}", UriKind.Relative));
        using var users = await client.GetAsync(new Uri("/api/v1/admin/users", UriKind.Relative));

        await ExpectProblemAsync(list, 403, "api_key_not_allowed");
        await ExpectProblemAsync(made, 403, "api_key_not_allowed");
        await ExpectProblemAsync(ended, 403, "api_key_not_allowed");
        await ExpectProblemAsync(users, 403, "api_key_not_allowed");
    }

    [Test]
    public async Task Is_refused_five_seconds_after_its_revocation_at_the_latest()
    {
        var alice = await SignInAsync();
        var made = await PostAsync(alice.Client, Keys, new { name = "old" });
        var client = With(made.GetProperty("key").GetString()!);
        await ExpectJsonAsync(await client.GetAsync(Me));

        using var revoked = await alice.Client.DeleteAsync(new Uri($"{Keys}/{made.GetProperty("id").GetGuid()}", UriKind.Relative));

        await ExpectStatusAsync(revoked, HttpStatusCode.NoContent);
        await EventuallyAsync(
            async () => (await client.GetAsync(Me)).StatusCode == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(5));
    }

    [Test]
    public async Task Rotation_keeps_the_old_secret_for_the_overlap_alone()
    {
        var alice = await SignInAsync();
        var made = await PostAsync(alice.Client, Keys, new { name = "CI" });
        var rotate = $"{Keys}/{made.GetProperty("id").GetGuid()}/rotate";

        var rotated = await PostAsync(alice.Client, rotate, new { overlap_seconds = 3600 }, HttpStatusCode.OK);

        await ExpectJsonAsync(await With(rotated.GetProperty("key").GetString()!).GetAsync(Me));
        await ExpectJsonAsync(await With(made.GetProperty("key").GetString()!).GetAsync(Me));
        var last = await PostAsync(alice.Client, rotate, new { overlap_seconds = 0 }, HttpStatusCode.OK);
        await ExpectJsonAsync(await With(last.GetProperty("key").GetString()!).GetAsync(Me));
        await EventuallyAsync(
            async () => (await With(rotated.GetProperty("key").GetString()!).GetAsync(Me)).StatusCode == HttpStatusCode.Unauthorized,
            TimeSpan.FromSeconds(5));
    }

    [Test]
    public async Task Ends_when_it_expires_and_while_its_owner_is_banned()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var expired = With(await KeyOfAsync(alice, "read"));
        var banned = With(await KeyOfAsync(bob, "read"));
        await ExecuteAsync($"update identity.api_keys set expires_at = now() - interval '1 second' where user_id = '{alice.Id}'");
        await ExecuteAsync($"update auth.users set banned_until = now() + interval '1 hour' where id = '{bob.Id}'");

        using var first = await expired.GetAsync(Me);
        using var second = await banned.GetAsync(Me);

        await ExpectProblemAsync(first, 401, "unauthorized");
        await ExpectProblemAsync(second, 401, "unauthorized");
    }

    [Test]
    public async Task Gives_the_same_key_again_for_the_same_idempotency_key_and_stores_it_nowhere()
    {
        var alice = await SignInAsync();

        var first = await PostWithKeyAsync(alice);
        var second = await PostWithKeyAsync(alice);

        Assert.That(second.GetRawText(), Is.EqualTo(first.GetRawText()));
        var secret = first.GetProperty("key").GetString()!;
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) from platform.idempotency_keys where position($1 in response::text) > 0", secret),
            Is.Zero);
    }

    [TestCase("""{"name": ""}""", "$.name")]
    [TestCase("""{"name": "x", "scopes": []}""", "$.scopes")]
    [TestCase("""{"name": "x", "scopes": ["admin"]}""", "$.scopes[0]")]
    [TestCase("""{"name": "x", "expires_at": "2020-01-01T00:00:00Z"}""", "$.expires_at")]
    [TestCase("""{"name": "x", "secret": "mine"}""", "$.secret")]
    public async Task Refuses_a_bad_body(string body, string path)
    {
        var alice = await SignInAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await alice.Client.PostAsync(new Uri(Keys, UriKind.Relative), content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").TryGetProperty(path, out _), Is.True, problem.GetRawText());
    }

    [TestCase("plk_")]
    [TestCase("plk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("pli_x.y")]
    [TestCase("pli_eyJJZCI6IjEifQ.AAAA")]
    public async Task Refuses_what_is_no_credential(string text)
    {
        using var response = await With(text).GetAsync(Me);

        await ExpectProblemAsync(response, 401, "unauthorized");
    }

    private static async Task<string> KeyOfAsync(TestUser user, params string[] scopes) =>
        (await PostAsync(user.Client, Keys, new { name = "a key", scopes })).GetProperty("key").GetString()!;

    private static async Task<JsonElement> PostWithKeyAsync(TestUser user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Keys) { Content = JsonContent.Create(new { name = "once" }) };
        request.Headers.Add("Idempotency-Key", "make-it-once");
        using var response = await user.Client.SendAsync(request);
        return await ExpectJsonAsync(response, HttpStatusCode.Created);
    }
}
