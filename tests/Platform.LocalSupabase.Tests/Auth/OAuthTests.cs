using System.Net;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class OAuthTests : OAuthTest
{
    [Test]
    public async Task Signs_in_with_a_code_that_only_the_one_who_began_can_redeem()
    {
        using var browser = Server.OpenBrowser();
        var landing = await browser.FollowAsync(AuthorizeUrl(Server, PkceParameters()), Site);
        var code = Browser.Query(landing, "code")!;

        using var thief = await RedeemAsync(Server, code, "a-verifier-of-somebody-else-that-is-long-enough-0123456789");
        await ExpectErrorAsync(thief, 400, "bad_code_verifier", "code challenge does not match previously saved code verifier");
        using var response = await RedeemAsync(Server, code);
        var session = await ExpectAsync(response, HttpStatusCode.OK);
        using var again = await RedeemAsync(Server, code);
        await ExpectErrorAsync(again, 404, "flow_state_not_found");

        var user = session.GetProperty("user");
        var identity = user.GetProperty("identities")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(landing.Fragment, Is.Empty);
            Assert.That(Email(session), Is.EqualTo(Provider.Account!.Email));
            Assert.That(user.GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"acme","providers":["acme"]}"""));
            Assert.That(user.GetProperty("user_metadata").GetProperty("full_name").GetString(), Is.EqualTo("Ada Lovelace"));
            Assert.That(user.GetProperty("user_metadata").GetProperty("avatar_url").GetString(), Is.EqualTo("https://images.example/ada.png"));
            Assert.That(user.TryGetProperty("email_confirmed_at", out _), Is.True);
            Assert.That(identity.GetProperty("id").GetString(), Is.EqualTo(Provider.Account.Subject));
            Assert.That(identity.GetProperty("identity_data").GetProperty("email_verified").GetBoolean(), Is.True);
            Assert.That(session.GetProperty("provider_token").GetString(), Is.Not.Empty);
            Assert.That(Part(AccessToken(session), 1).GetProperty("amr")[0].GetProperty("method").GetString(), Is.EqualTo("oauth"));
            Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task Gives_the_session_in_the_fragment_without_a_challenge()
    {
        using var browser = Server.OpenBrowser();

        var landing = await browser.FollowAsync(AuthorizeUrl(Server, "redirect_to=https://app.example/welcome?tab=1"), Site);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(landing.GetLeftPart(UriPartial.Query), Is.EqualTo("https://app.example/welcome?tab=1"));
            Assert.That(await GetUserStatusAsync(Browser.Fragment(landing, "access_token")!), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(Browser.Fragment(landing, "refresh_token"), Has.Length.EqualTo(12));
            Assert.That(Browser.Fragment(landing, "token_type"), Is.EqualTo("bearer"));
            Assert.That(Browser.Fragment(landing, "provider_token"), Is.Not.Empty);
            Assert.That(landing.Fragment, Does.EndWith("&sb="));
        }
    }

    [Test]
    public async Task Protects_the_way_to_the_provider_and_passes_on_what_is_not_ours()
    {
        using var browser = Server.OpenBrowser();

        await browser.FollowAsync(
            AuthorizeUrl(Server, "scopes=extra&prompt=login&client_id=evil&redirect_uri=https://evil.example&state=mine"), Site);

        var request = browser.Visited.Single(url => url.AbsolutePath == "/connect/authorize");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Query(request, "client_id"), Is.EqualTo(LocalProvider.ClientId));
            Assert.That(Browser.Query(request, "redirect_uri"), Is.EqualTo($"{Server.Url}/auth/v1/callback"));
            Assert.That(Browser.Query(request, "code_challenge_method"), Is.EqualTo("S256"));
            Assert.That(Browser.Query(request, "code_challenge"), Is.Not.Empty);
            Assert.That(Browser.Query(request, "nonce"), Is.Not.Empty);
            Assert.That(Browser.Query(request, "state"), Has.Length.GreaterThan(30));
            Assert.That(Browser.Query(request, "prompt"), Is.EqualTo("login"));
            Assert.That(Browser.Query(request, "scope")!.Split(' '), Is.EquivalentTo(["openid", "email", "profile", "extra"]));
        }
    }

    [Test]
    public async Task Refuses_a_callback_that_comes_twice_or_from_another_browser()
    {
        using var browser = Server.OpenBrowser();
        await browser.FollowAsync(AuthorizeUrl(Server), Site);
        var callback = browser.Visited.Single(url => url.AbsolutePath == "/auth/v1/callback");
        using var stranger = Server.OpenBrowser();
        using var victim = Server.OpenBrowser();
        await stranger.FollowAsync(AuthorizeUrl(Server), $"{Server.Url}/auth/v1/callback");

        var again = await browser.FollowAsync(callback.AbsoluteUri, Site);
        var planted = await victim.FollowAsync(
            (await stranger.FollowAsync(AuthorizeUrl(Server), $"{Server.Url}/auth/v1/callback")).AbsoluteUri, Site);
        var forged = await victim.FollowAsync($"{Server.Url}/auth/v1/callback?code=x&state=y", Site);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Query(again, "error_code"), Is.EqualTo("bad_oauth_state"));
            Assert.That(Browser.Query(planted, "error_code"), Is.EqualTo("bad_oauth_callback"), "the cookie is in another browser");
            Assert.That(Browser.Query(forged, "error_code"), Is.EqualTo("bad_oauth_state"));
            Assert.That(Browser.Fragment(planted, "access_token"), Is.Null);
        }
    }

    [Test]
    public async Task Tells_the_application_what_the_provider_said()
    {
        Provider.Account = null;
        using var browser = Server.OpenBrowser();

        var landing = await browser.FollowAsync(AuthorizeUrl(Server), Site);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Query(landing, "error"), Is.EqualTo("access_denied"));
            Assert.That(Browser.Query(landing, "error_description"), Is.EqualTo("No consent."));
            Assert.That(Browser.Fragment(landing, "error"), Is.EqualTo("access_denied"));
        }
    }

    [TestCase("https://pr-1.preview.example/welcome", "https://pr-1.preview.example/welcome")]
    [TestCase("http://127.0.0.1:5173/x", "http://127.0.0.1:5173/x")]
    [TestCase("com.example.app://callback", "com.example.app://callback")]
    [TestCase("https://evil.example/", Site)]
    [TestCase("https://app.example.evil.example/", Site)]
    [TestCase("//evil.example", Site)]
    [TestCase("javascript:alert(1)", Site)]
    public async Task Sends_browsers_only_where_it_is_allowed(string wish, string destination)
    {
        using var browser = Server.OpenBrowser();

        var landing = await browser.FollowAsync(AuthorizeUrl(Server, $"redirect_to={Uri.EscapeDataString(wish)}"), destination);

        Assert.That(Browser.Fragment(landing, "access_token"), Is.Not.Empty);
        Assert.That(landing.AbsoluteUri.Split('#')[0].TrimEnd('/'), Is.EqualTo(destination));
    }

    [Test]
    public async Task Gives_up_a_code_that_was_fetched_too_late()
    {
        await using var server = await StartAsync(autoConfirm: true);
        using var browser = server.OpenBrowser();
        var landing = await browser.FollowAsync(AuthorizeUrl(server, PkceParameters()), Site);
        server.Clock.Advance(TimeSpan.FromMinutes(5));

        using var late = await RedeemAsync(server, Browser.Query(landing, "code")!);

        await ExpectErrorAsync(late, 422, "flow_state_expired");
    }

    [TestCase("provider=nobody", "Unsupported provider: provider is not enabled")]
    [TestCase("provider=acme&code_challenge_method=s256", "PKCE flow requires code_challenge_method and code_challenge")]
    public async Task Refuses_what_cannot_work(string query, string message)
    {
        using var client = Server.Connect(withKey: false);

        using var response = await client.GetAsync($"/auth/v1/authorize?{query}");

        await ExpectErrorAsync(response, 400, "validation_failed", message);
    }

    [TestCase("github", "https://github.com/login/oauth/authorize", "github-client", "user:email")]
    [TestCase("spotify", "https://accounts.spotify.com/authorize", "spotify-client", "user-read-email streaming")]
    public async Task Knows_providers_by_configuration_alone(string provider, string address, string clientId, string scope)
    {
        using var browser = Server.OpenBrowser();

        using var response = await browser.GetAsync(new Uri($"{Server.Url}/auth/v1/authorize?provider={provider}"));

        var target = response.Headers.Location!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(target.GetLeftPart(UriPartial.Path), Is.EqualTo(address));
            Assert.That(Browser.Query(target, "client_id"), Is.EqualTo(clientId));
            Assert.That(Browser.Query(target, "redirect_uri"), Is.EqualTo($"{Server.Url}/auth/v1/callback"));
            Assert.That(Browser.Query(target, "scope"), Is.EqualTo(scope));
        }
    }

    [Test]
    public async Task Lists_the_providers_that_are_on()
    {
        using var client = Server.Connect();

        using var response = await client.GetAsync("/auth/v1/settings");

        var external = (await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("external");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(external.GetProperty("github").GetBoolean(), Is.True);
            Assert.That(external.GetProperty("acme").GetBoolean(), Is.True);
            Assert.That(external.GetProperty("google").GetBoolean(), Is.False);
        }
    }
}
