using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AccountLinkingTests : OAuthTest
{
    [Test]
    public async Task Signs_in_the_same_user_again()
    {
        var first = await SignInWithProviderAsync();
        Provider.Account = Provider.Account! with { Name = "Ada King", Email = NewAddress() };

        var second = await SignInWithProviderAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(UserId(second), Is.EqualTo(UserId(first)));
            Assert.That(Email(second), Is.EqualTo(Email(first)), "the user's address is the user's to change");
            Assert.That(second.GetProperty("user").GetProperty("user_metadata").GetProperty("name").GetString(), Is.EqualTo("Ada King"));
        }
    }

    [Test]
    public async Task Many_first_sign_ins_at_once_make_one_user()
    {
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => SignInWithProviderAsync()));

        Assert.That(sessions.Select(UserId).Distinct().ToList(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Links_a_verified_address_to_the_user_who_confirmed_it()
    {
        var session = await SignUpAsync();
        Provider.Account = NewAccount(email: Email(session));

        var linked = await SignInWithProviderAsync();

        using var password = await SignInAsync(Email(session));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(UserId(linked), Is.EqualTo(UserId(session)));
            Assert.That(ProvidersOf(linked.GetProperty("user")), Is.EqualTo(["email", "acme"]));
            Assert.That(
                linked.GetProperty("user").GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"email","providers":["email","acme"]}"""));
            Assert.That(password.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task Does_not_believe_an_address_that_the_provider_did_not_verify()
    {
        var session = await SignUpAsync();
        Provider.Account = NewAccount(verified: false, email: Email(session));
        using var browser = Server.OpenBrowser();

        var landing = await browser.FollowAsync(AuthorizeUrl(Server), Site);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Query(landing, "error_code"), Is.EqualTo("email_exists"));
            Assert.That(Browser.Fragment(landing, "access_token"), Is.Null);
        }
    }

    [Test]
    public async Task Whoever_registered_the_address_first_gains_nothing()
    {
        await using var server = await StartAsync(autoConfirm: false);
        var victim = NewAccount();
        using var attacker = server.Connect();
        using var registered = await attacker.PostAsJsonAsync(
            "/auth/v1/signup", new { email = victim.Email, password = "known to the attacker", data = new { role = "planted" } });
        var planted = await ExpectAsync(registered, HttpStatusCode.OK);
        Provider.Account = victim;

        var session = await SignInWithProviderAsync(server);

        using var attempt = await attacker.PostAsJsonAsync(
            "/auth/v1/token?grant_type=password", new { email = victim.Email, password = "known to the attacker" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(UserId(session), Is.EqualTo(planted.GetProperty("id").GetGuid()));
            Assert.That(ProvidersOf(session.GetProperty("user")), Is.EqualTo(["acme"]));
            Assert.That(session.GetProperty("user").GetProperty("user_metadata").TryGetProperty("role", out _), Is.False);
            Assert.That(session.GetProperty("user").GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"acme","providers":["acme"]}"""));
        }

        await ExpectErrorAsync(attempt, 400, "invalid_credentials");
    }

    [Test]
    public async Task Whoever_claimed_the_address_at_a_careless_provider_gains_nothing()
    {
        await using var server = await StartAsync(autoConfirm: false);
        var attacker = NewAccount(verified: false);
        Provider.Account = attacker;
        using var browser = server.OpenBrowser();
        var refused = await browser.FollowAsync(AuthorizeUrl(server), Site);
        Provider.Account = NewAccount(email: attacker.Email);

        var session = await SignInWithProviderAsync(server);

        Provider.Account = attacker;
        var second = await browser.FollowAsync(AuthorizeUrl(server), Site);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Query(refused, "error_code"), Is.EqualTo("provider_email_needs_verification"));
            Assert.That(ProvidersOf(session.GetProperty("user")), Is.EqualTo(["acme"]));
            Assert.That(session.GetProperty("user").GetProperty("identities")[0].GetProperty("id").GetString(), Is.Not.EqualTo(attacker.Subject));
            Assert.That(Browser.Query(second, "error_code"), Is.EqualTo("email_exists"));
        }
    }

    [Test]
    public async Task An_address_that_the_provider_did_not_verify_is_confirmed_by_mail_first()
    {
        await using var server = await StartAsync(autoConfirm: false);
        var account = NewAccount(verified: false);
        Provider.Account = account;
        using var browser = server.OpenBrowser();

        var refused = await browser.FollowAsync(AuthorizeUrl(server, "redirect_to=https://app.example/welcome"), Site);
        using var client = server.Connect();
        var letters = await client.GetFromJsonAsync<JsonElement[]>($"/inbox.json?to={account.Email}");
        var link = letters!.Single().GetProperty("text").GetString()!.Split((char[])['\n', ' '])
            .Single(word => word.StartsWith("http", StringComparison.Ordinal));
        using var opened = await server.OpenAsync(link);
        var session = await SignInWithProviderAsync(server);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Query(refused, "error_code"), Is.EqualTo("provider_email_needs_verification"));
            Assert.That(
                Browser.Query(refused, "error_description"),
                Is.EqualTo("Unverified email with acme. A confirmation email has been sent to your acme email"));
            Assert.That(opened.Headers.Location!.GetLeftPart(UriPartial.Path), Is.EqualTo("https://app.example/welcome"));
            Assert.That(Browser.Fragment(opened.Headers.Location, "access_token"), Is.Not.Empty);
            Assert.That(Email(session), Is.EqualTo(account.Email));
            Assert.That(session.GetProperty("user").TryGetProperty("email_confirmed_at", out _), Is.True);
        }
    }

    [Test]
    public async Task Makes_no_user_where_signing_up_is_off()
    {
        await using var server = await StartAsync(autoConfirm: true, disableSignup: true);
        using var browser = server.OpenBrowser();

        var landing = await browser.FollowAsync(AuthorizeUrl(server), Site);

        Assert.That(Browser.Query(landing, "error_code"), Is.EqualTo("signup_disabled"));
    }

    [Test]
    public async Task Keeps_a_banned_user_out()
    {
        var session = await SignInWithProviderAsync();
        await SharedPostgres.SqlAsync("update auth.users set banned_until = '2999-01-01' where id = @id", ("id", UserId(session)));
        using var browser = Server.OpenBrowser();

        var landing = await browser.FollowAsync(AuthorizeUrl(Server), Site);

        Assert.That(Browser.Query(landing, "error_code"), Is.EqualTo("user_banned"));
    }

    [Test]
    public async Task Links_and_unlinks_on_the_users_own_wish()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));

        var landing = await LinkAsync(client);

        var user = await UserAsync(client);
        var identity = user.GetProperty("identities").EnumerateArray().Single(entry => entry.GetProperty("provider").GetString() == "acme");
        using var unlink = await client.DeleteAsync($"/auth/v1/user/identities/{identity.GetProperty("identity_id").GetString()}");
        await ExpectAsync(unlink, HttpStatusCode.OK);
        var after = await UserAsync(client);
        using var last = await client.DeleteAsync(
            $"/auth/v1/user/identities/{after.GetProperty("identities")[0].GetProperty("identity_id").GetString()}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Browser.Fragment(landing, "access_token"), Is.Not.Empty);
            Assert.That(user.GetProperty("email").GetString(), Is.EqualTo(Email(session)));
            Assert.That(ProvidersOf(user), Is.EqualTo(["email", "acme"]));
            Assert.That(after.GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"email","providers":["email"]}"""));
        }

        await ExpectErrorAsync(last, 422, "single_identity_not_deletable");
    }

    [Test]
    public async Task Does_not_link_what_is_somebody_elses()
    {
        await SignInWithProviderAsync();
        using var client = Server.Connect(AccessToken(await SignUpAsync()));

        var landing = await LinkAsync(client);

        Assert.That(Browser.Query(landing, "error_code"), Is.EqualTo("identity_already_exists"));
        Assert.That(ProvidersOf(await UserAsync(client)), Is.EqualTo(["email"]));
    }

    private async Task<Uri> LinkAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/auth/v1/user/identities/authorize?provider=acme&skip_http_redirect=true");
        var url = (await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("url").GetString()!;
        using var browser = Server.OpenBrowser();
        return await browser.FollowAsync(url, Site);
    }

    private static async Task<JsonElement> UserAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/auth/v1/user");
        return await ExpectAsync(response, HttpStatusCode.OK);
    }
}
