using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>Signing in as people do: Chromium, an application with the official client, a provider that asks for consent.</summary>
public sealed class BrowserTests : OAuthTest
{
    private ApplicationSite _site = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _chromium = null!;
    private IBrowserContext _person = null!;
    private IPage _page = null!;

    [OneTimeSetUp]
    public async Task StartChromiumAsync()
    {
        await NodeJourney.InstallAsync();
        _playwright = await Playwright.CreateAsync();
        _chromium = await Chromium.LaunchAsync(_playwright);
    }

    [OneTimeTearDown]
    public async Task StopChromiumAsync()
    {
        await _chromium.DisposeAsync();
        _playwright.Dispose();
        await _site.DisposeAsync();
    }

    [SetUp]
    public async Task OpenPageAsync()
    {
        _site.Server = Server;
        Provider.ShowsPage = true;
        _person = await NewPersonAsync();
        _page = await _person.NewPageAsync();
    }

    [TearDown]
    public async Task ClosePageAsync() => await _person.DisposeAsync();

    internal override async Task<LocalSupabaseServer> StartAsync()
    {
        _site = await ApplicationSite.StartAsync();
        await StartProviderAsync();
        return await StartAsync(autoConfirm: true, site: _site.Url);
    }

    [Test]
    public async Task Signs_in_by_redirect_and_stays_signed_in()
    {
        await BeginSignInAsync(_page);
        await AnswerAsync(_page, "Allow");

        await ExpectWhoAsync(_page, Provider.Account!.Email!);
        var landed = _page.Url;
        await _page.ReloadAsync();
        await ExpectWhoAsync(_page, Provider.Account.Email!);
        var user = await _page.EvaluateAsync<string>("async () => (await client.auth.getUser()).data.user.app_metadata.provider");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(landed, Does.StartWith(_site.Url).And.Not.Contains("code="));
            Assert.That(user, Is.EqualTo("acme"));
        }
    }

    [Test]
    public async Task Tells_that_consent_was_denied()
    {
        await BeginSignInAsync(_page);
        await AnswerAsync(_page, "Deny");

        await ExpectWhoAsync(_page, "failed: No consent.");
        Assert.That(_page.Url, Does.Contain("error=access_denied"));
    }

    [Test]
    public async Task Refuses_a_state_that_was_changed_on_the_way()
    {
        await BeginSignInAsync(_page);
        var state = Browser.Query(new Uri(_page.Url), "state")!;
        var changed = state[..^1] + (state[^1] == 'A' ? 'B' : 'A');

        await _page.GotoAsync($"{Server.Url}/auth/v1/callback?code=anything&state={changed}");

        await ExpectWhoAsync(_page, "failed: OAuth state is invalid, has expired or was used");
    }

    [Test]
    public async Task Refuses_a_callback_that_somebody_else_began()
    {
        await using var attacker = await NewPersonAsync();
        var attackersPage = await attacker.NewPageAsync();
        await BeginSignInAsync(attackersPage);
        var allowed = await attacker.APIRequest.GetAsync($"{attackersPage.Url}&consent=allow", new() { MaxRedirects = 0 });
        var planted = allowed.Headers["location"];
        await _page.GotoAsync(_site.Url);

        await _page.GotoAsync(planted);

        await _page.Locator("#who").GetByText("failed:").WaitForAsync();
        await _page.GotoAsync(_site.Url);
        await ExpectWhoAsync(_page, "nobody");
    }

    [Test]
    public async Task Comes_back_to_the_site_when_the_place_asked_for_is_not_allowed()
    {
        var elsewhere = new List<string>();
        _page.Request += (_, request) => elsewhere.Add(new Uri(request.Url).Host);

        await BeginSignInAsync(_page, redirectTo: "https://evil.example/");
        await AnswerAsync(_page, "Allow");

        await ExpectWhoAsync(_page, Provider.Account!.Email!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_page.Url, Does.StartWith(_site.Url));
            Assert.That(elsewhere, Has.None.EqualTo("evil.example"));
        }
    }

    [Test]
    public async Task Links_an_account_elsewhere_to_the_user_who_is_signed_in()
    {
        var address = NewAddress();
        await _page.GotoAsync(_site.Url);
        await SignUpOnPageAsync(address);

        await _page.EvaluateAsync(
            "async () => { await client.auth.linkIdentity({ provider: 'acme', options: { redirectTo: location.origin } }) }");
        await AnswerAsync(_page, "Allow");

        await ExpectWhoAsync(_page, address);
        var providers = await _page.EvaluateAsync<string[]>(
            "async () => (await client.auth.getUserIdentities()).data.identities.map(({ provider }) => provider)");
        Assert.That(providers, Is.EqualTo(["email", "acme"]));
    }

    [Test]
    public async Task Whoever_registered_the_address_beforehand_gains_nothing()
    {
        await using var server = await StartAsync(autoConfirm: false, site: _site.Url);
        _site.Server = server;
        var address = Provider.Account!.Email!;
        using var attacker = server.Connect();
        using var registered = await attacker.PostAsJsonAsync(
            "/auth/v1/signup", new { email = address, password = Password, data = new { planted = "by the attacker" } });
        await ExpectAsync(registered, HttpStatusCode.OK);

        await BeginSignInAsync(_page);
        await AnswerAsync(_page, "Allow");

        await ExpectWhoAsync(_page, address);
        var user = await _page.EvaluateAsync<string>("async () => JSON.stringify((await client.auth.getUser()).data.user)");
        using var refused = await attacker.PostAsJsonAsync(
            "/auth/v1/token?grant_type=password", new { email = address, password = Password });
        await ExpectErrorAsync(refused, 400, "invalid_credentials");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(user, Does.Not.Contain("planted"));
            Assert.That(ProvidersOf(System.Text.Json.JsonElement.Parse(user)), Is.EqualTo(["acme"]));
        }
    }

    [Test]
    public async Task Confirms_an_address_by_the_link_in_the_inbox()
    {
        await using var server = await StartAsync(autoConfirm: false, site: _site.Url);
        _site.Server = server;
        var address = NewAddress();
        await _page.GotoAsync(_site.Url);
        await SignUpOnPageAsync(address);
        await _page.ReloadAsync();
        await ExpectWhoAsync(_page, "nobody");

        await _page.GotoAsync($"{server.Url}/inbox?to={address}");
        await _page.GetByRole(AriaRole.Link).First.ClickAsync();

        await ExpectWhoAsync(_page, address);
        Assert.That(_page.Url, Does.StartWith(_site.Url));
    }

    private Task<IBrowserContext> NewPersonAsync() => _chromium.NewContextAsync();

    private async Task BeginSignInAsync(IPage page, string? redirectTo = null)
    {
        await page.GotoAsync(_site.Url);
        await page.EvaluateAsync(
            "async (redirectTo) => { await client.auth.signInWithOAuth({ provider: 'acme', options: { redirectTo } }) }",
            redirectTo ?? _site.Url);
        await page.WaitForURLAsync($"{Provider.Url}/**");
    }

    private async Task AnswerAsync(IPage page, string button)
    {
        await page.WaitForURLAsync($"{Provider.Url}/**");
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
    }

    private async Task SignUpOnPageAsync(string address) => await _page.EvaluateAsync(
        "async ([email, password]) => { const { error } = await client.auth.signUp({ email, password }); if (error) throw error }",
        new[] { address, Password });

    private static Task ExpectWhoAsync(IPage page, string who) =>
        Assertions.Expect(page.Locator("#who")).ToHaveTextAsync(who, new() { Timeout = 15_000 });
}
