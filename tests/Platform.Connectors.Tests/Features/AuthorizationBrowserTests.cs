using System.Net;
using System.Net.Http.Json;

namespace Platform.Connectors.Tests.Features;

/// <summary>What a person sees in the browser, and which browser an authorization belongs to.</summary>
public sealed class AuthorizationBrowserTests : OAuthTest
{
    [Test]
    public async Task A_page_tells_people_what_went_wrong_without_repeating_what_came()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/connectors/oauth/callback?state=<script>&error=<script>");
        request.Headers.Accept.ParseAdd("text/html");

        using var page = await Visitor().SendAsync(request);

        var html = await page.Content.ReadAsStringAsync();
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(page.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
        Assert.That(html, Does.Contain("<code>oauth_state_unknown</code>").And.Not.Contain("script"));
    }

    [Test]
    public async Task A_browser_that_did_not_begin_it_is_asked_whether_it_is_meant()
    {
        var path = await ConnectAsync(Alice, "Orders <b>");
        var back = await BeginAsync(Alice, path, new { return_to = "https://app.example/done" });

        using var question = await BrowseAsync(back);
        var html = await question.Content.ReadAsStringAsync();
        var before = await StatusAsync(Alice, path);
        using var form = new FormUrlEncodedContent(
            new[] { "state", "code", "iss" }.Select(name => KeyValuePair.Create(name, Parameter(back, name))));
        using var confirmed = await Visitor().PostAsync("/api/v1/connectors/oauth/callback", form);

        Assert.That(question.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(html, Does.Contain("Is this your connector?").And.Contain("Orders &lt;b&gt;").And.Contain(Alice.Email));
        Assert.That(html, Does.Contain($"name=\"state\" value=\"{Parameter(back, "state")}\"").And.Contain(Parameter(back, "code")));
        Assert.That(
            question.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("form-action 'self' https://app.example;"));
        Assert.That(question.Headers.CacheControl!.NoStore);
        Assert.That(before, Is.EqualTo("required"));
        Assert.That(confirmed.Headers.Location!.AbsoluteUri, Does.EndWith("oauth=authorized&oauth_code=ok"));
        Assert.That(await StatusAsync(Alice, path), Is.EqualTo("authorized"));
        using var again = await Visitor().PostAsync("/api/v1/connectors/oauth/callback", form);
        await ExpectProblemAsync(again, 409, "oauth_state_used");
    }

    [Test]
    public async Task A_browser_that_began_it_is_not_asked()
    {
        var path = await ConnectAsync(Alice);
        using var begun = await Alice.Client.PostAsJsonAsync($"{path}/oauth/authorize", new { });
        var cookie = begun.Headers.GetValues("Set-Cookie").Single();
        var back = await VisitAsync(new Uri((await ExpectJsonAsync(begun)).GetProperty("authorization_url").GetString()!));
        var other = await BeginAsync(Alice, path);

        using var asked = await BrowseAsync(other, cookie.Split(';')[0]);
        using var page = await BrowseAsync(back, cookie.Split(';')[0]);

        Assert.That(cookie, Does.Contain("httponly").And.Contain("samesite=lax").And.Contain("path=/;"));
        Assert.That(await asked.Content.ReadAsStringAsync(), Does.Contain("Is this your connector?"), "a cookie is good for its own state");
        Assert.That(await page.Content.ReadAsStringAsync(), Does.Contain("The connector is authorized"));
        Assert.That(page.Headers.GetValues("Set-Cookie").Single(), Does.Contain("1970"));
    }

    [Test]
    public async Task A_confirmation_is_no_way_around_the_state()
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("state", "x"), KeyValuePair.Create("code", "y")]);
        using var unknown = await Visitor().PostAsync("/api/v1/connectors/oauth/callback", form);
        using var empty = await Visitor().PostAsync("/api/v1/connectors/oauth/callback", null);

        await ExpectProblemAsync(unknown, 404, "oauth_state_unknown");
        await ExpectProblemAsync(empty, 404, "oauth_state_unknown");
    }

    [Test]
    public async Task A_browser_goes_back_to_an_address_that_is_allowed()
    {
        var path = await ConnectAsync(Alice);

        using var elsewhere = await Alice.Client.PostAsJsonAsync(
            $"{path}/oauth/authorize", new { return_to = "https://app.example.evil/done" });
        using var beside = await Alice.Client.PostAsJsonAsync($"{path}/oauth/authorize", new { return_to = "https://app.example/donkey" });
        using var script = await Alice.Client.PostAsJsonAsync($"{path}/oauth/authorize", new { return_to = "javascript:alert(1)" });
        var granted = await VisitAsync(await BeginAsync(Alice, path, new { return_to = "https://app.example/done/x?tab=1" }));
        Provider.Denies = true;
        var denied = await VisitAsync(await BeginAsync(Alice, path, new { return_to = "https://app.example/done" }));

        await ExpectProblemAsync(elsewhere, 422, "oauth_return_not_allowed");
        await ExpectProblemAsync(beside, 422, "oauth_return_not_allowed");
        await ExpectProblemAsync(script, 422, "oauth_return_not_allowed");
        var id = path.Split('/')[^1];
        Assert.That(granted.AbsoluteUri, Is.EqualTo($"https://app.example/done/x?tab=1&connector_id={id}&oauth=authorized&oauth_code=ok"));
        Assert.That(
            denied.AbsoluteUri, Is.EqualTo($"https://app.example/done?connector_id={id}&oauth=failed&oauth_code=oauth_access_denied"));
    }

    private async Task<HttpResponseMessage> BrowseAsync(Uri address, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await Visitor().SendAsync(request);
    }
}
