using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Dashboards.Tests.Data;

namespace Platform.Dashboards.Tests.Features.Sharing;

public sealed class ShareLinkTests : BoardTest
{
    private const string Public = "/api/v1/public/dashboards";

    [Test]
    public async Task Shows_the_board_to_somebody_without_an_account_and_not_where_its_data_come_from()
    {
        await AddWidgetAsync("/orders?key=of-the-query");
        var link = await ShareAsync(new { });

        using var response = await Visitor().GetAsync($"{Public}/{link.Token}");

        var board = await ExpectJsonAsync(response);
        Assert.That(board.GetProperty("name").GetString(), Is.EqualTo("Sales"));
        Assert.That(board.GetProperty("widgets")[0].GetProperty("type").GetString(), Is.EqualTo("table"));
        Assert.That(board.GetRawText(), Does.Not.Contain("of-the-query").And.Not.Contain(Connector.ToString()).And.Not.Contain("data_query"));
        Assert.That(response.Headers.CacheControl!.ToString(), Is.EqualTo("public, no-cache"));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("frame-ancestors 'none'"));
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{Public}/{link.Token}");
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        Assert.That((await Visitor().SendAsync(again)).StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
    }

    [Test]
    public async Task The_token_is_shown_once_and_stored_as_a_hash_and_uses_are_counted()
    {
        var link = await ShareAsync(new { password = "open sesame" });
        for (var number = 0; number < 3; number++)
        {
            await OpenAsync(link.Token, "open sesame");
        }

        var listed = (await ExpectJsonAsync(await Owner.Client.GetAsync($"{Path}/share-links"))).GetProperty("items")[0];

        Assert.That(listed.GetRawText(), Does.Not.Contain(link.Token).And.Not.Contain("pbkdf2").And.Not.Contain("hash"));
        Assert.That(listed.GetProperty("uses").GetInt64(), Is.EqualTo(3));
        Assert.That(listed.GetProperty("has_password").GetBoolean(), Is.True);
        var stored = await Application.ScalarAsync<string>("select to_jsonb(link)::text from dashboards.share_links as link");
        Assert.That(stored, Does.Not.Contain(link.Token).And.Not.Contain("open sesame"));
    }

    [Test]
    public async Task A_deleted_or_expired_link_opens_nothing_at_once()
    {
        await AddWidgetAsync();
        var (deleted, expired) = (await ShareAsync(new { }), await ShareAsync(new { expires_at = TimeProvider.System.GetUtcNow().AddHours(1) }));
        await OpenAsync(deleted.Token);
        await OpenAsync(expired.Token);

        using var removal = await Owner.Client.DeleteAsync($"/api/v1/share-links/{deleted.Id}");
        await Application.ScalarAsync<int>($"update dashboards.share_links set expires_at = now() - interval '1 second' where id = '{expired.Id}'");

        Assert.That(removal.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        foreach (var token in new[] { deleted.Token, expired.Token, "none", new string('x', 5000) })
        {
            await ExpectProblemAsync(await Visitor().GetAsync($"{Public}/{token}"), 404, "share_link_not_found");
            await ExpectProblemAsync(await Visitor().PostAsJsonAsync($"{Public}/{token}/data", new { }), 404, "share_link_not_found");
        }
    }

    [Test]
    public async Task Locked_values_stay_as_they_are()
    {
        await Owner.Client.PatchAsJsonAsync(Path, new { config = new { parameters = new[] { new { name = "region", type = "text" }, new { name = "who", type = "text" } } } });
        await AddWidgetAsync("/o?r={{region}}&w={{who}}");
        var link = await ShareAsync(new { locked_parameters = new { region = "north" } });

        var given = await LinesAsync(await Visitor().PostAsJsonAsync($"{Public}/{link.Token}/data", new { parameters = new { who = "me" } }));
        using var changed = await Visitor().PostAsJsonAsync($"{Public}/{link.Token}/data", new { parameters = new { region = "south" } });

        Assert.That(given.Single().GetProperty("status").GetString(), Is.EqualTo("ok"));
        Assert.That(Source.Asked, Is.EqualTo(new[] { "/o?r=north&w=me" }));
        await ExpectProblemAsync(changed, 422, "parameter_locked");
    }

    [Test]
    public async Task Asks_for_the_password_by_header_or_body_and_bounds_the_attempts()
    {
        await AddWidgetAsync();
        var link = await ShareAsync(new { password = "open sesame" });
        var path = $"{Public}/{link.Token}";

        await ExpectProblemAsync(await Visitor().GetAsync(path), 401, "share_password_required");
        await LinesAsync(await Visitor().PostAsJsonAsync($"{path}/data", new { password = "open sesame" }));
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await ExpectProblemAsync(await Visitor().PostAsJsonAsync($"{path}/data", new { password = "wrong" }), 401, "share_password_wrong");
        }

        using var locked = await Visitor().PostAsJsonAsync($"{path}/data", new { password = "wrong" });
        await ExpectProblemAsync(locked, 429, "share_password_locked");
        Assert.That(locked.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
        // Whoever was let in before is not locked out by others.
        await OpenAsync(link.Token, "open sesame");
    }

    [Test]
    public async Task Says_who_may_show_it_in_a_frame()
    {
        var link = await ShareAsync(new { allowed_origins = new[] { "https://example.com", "https://intranet.example.com:8443" } });

        using var response = await Visitor().GetAsync($"{Public}/{link.Token}");

        Assert.That(
            response.Headers.GetValues("Content-Security-Policy").Single(),
            Is.EqualTo("default-src 'none'; frame-ancestors https://example.com https://intranet.example.com:8443"));
    }

    [TestCase("""{"expires_at": "2020-01-01T00:00:00Z"}""", "validation_failed", "$.expires_at")]
    [TestCase("""{"locked_parameters": []}""", "validation_failed", "$.locked_parameters")]
    [TestCase("""{"locked_parameters": {"colour": "red"}}""", "parameter_unknown", "$.locked_parameters.colour")]
    [TestCase("""{"password": "abc"}""", "validation_failed", "$.password")]
    [TestCase("""{"allowed_origins": ["https://example.com/path"]}""", "validation_failed", "$.allowed_origins[0]")]
    [TestCase("""{"allowed_origins": ["https://a.example; script-src *"]}""", "validation_failed", "$.allowed_origins[0]")]
    public async Task Refuses_what_makes_no_link(string body, string code, string path)
    {
        using var content = new StringContent(body, null, "application/json");
        using var response = await Owner.Client.PostAsync($"{Path}/share-links", content);

        var problem = await ExpectProblemAsync(response, 422, code);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo(new[] { path }));
    }

    [Test]
    public async Task Is_the_owners_alone()
    {
        var link = await ShareAsync(new { });
        var (friend, stranger) = (await SignInAsync(), await SignInAsync());
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "edit" });

        await ExpectProblemAsync(await friend.Client.PostAsJsonAsync($"{Path}/share-links", new { }), 403, "dashboard_not_yours");
        await ExpectProblemAsync(await friend.Client.GetAsync($"{Path}/share-links"), 403, "dashboard_not_yours");
        await ExpectProblemAsync(await friend.Client.DeleteAsync($"/api/v1/share-links/{link.Id}"), 404, "share_link_not_found");
        await ExpectProblemAsync(await stranger.Client.GetAsync($"{Path}/share-links"), 404, "dashboard_not_found");
    }

    private async Task<(Guid Id, string Token)> ShareAsync(object body)
    {
        var link = await PostAsync(Owner.Client, $"{Path}/share-links", body);
        return (link.GetProperty("id").GetGuid(), link.GetProperty("token").GetString()!);
    }

    private async Task<JsonElement> OpenAsync(string token, string? password = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Public}/{token}");
        request.Headers.Add("X-Share-Password", password ?? "");
        using var response = await Visitor().SendAsync(request);
        return await ExpectJsonAsync(response);
    }
}
