using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Auth.OAuth;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>A server that knows one provider, and the verbs of signing in with it.</summary>
public abstract class OAuthTest : AuthTest
{
    protected const string Site = "https://app.example";

    protected const string Verifier = "a-verifier-of-the-tests-that-is-long-enough-0123456789";

    internal LocalProvider Provider { get; private set; } = null!;

    [SetUp]
    public void SignInAsSomebodyNew() => Provider.Account = NewAccount();

    [OneTimeTearDown]
    public async Task StopProviderAsync() => await Provider.DisposeAsync();

    internal override async Task<LocalSupabaseServer> StartAsync()
    {
        await StartProviderAsync();
        return await StartAsync(autoConfirm: true);
    }

    internal async Task StartProviderAsync() => Provider = await LocalProvider.StartAsync();

    internal Task<LocalSupabaseServer> StartAsync(
        bool autoConfirm, bool disableSignup = false, string site = Site) => LocalSupabaseServer.StartAsync(
        auth: new AuthOptions
        {
            AutoConfirm = autoConfirm,
            DisableSignup = disableSignup,
            SiteUrl = site,
            RedirectUrls = "https://*.preview.example/**, com.example.app://callback",
        },
        setup: new ServerSetup
        {
            OAuth = new OAuthOptions
            {
                ManualLinking = true,
                Providers = new Dictionary<string, Dictionary<string, string>>
                {
                    ["acme"] = Provider.Settings,
                    ["github"] = new() { ["client_id"] = "github-client", ["client_secret"] = "secret" },
                    ["azure"] = new() { ["client_id"] = "azure-client", ["client_secret"] = "secret", ["tenant"] = "common" },
                    ["spotify"] = new() { ["client_id"] = "spotify-client", ["client_secret"] = "secret", ["scopes"] = "user-read-email streaming" },
                },
            },
        });

    internal static ProviderAccount NewAccount(bool verified = true, string? email = null) =>
        new($"subject-{Guid.CreateVersion7():N}", email ?? NewAddress(), verified);

    internal static string AuthorizeUrl(LocalSupabaseServer server, string parameters = "") =>
        $"{server.Url}/auth/v1/authorize?provider=acme&{parameters}";

    protected static string PkceParameters() =>
        $"code_challenge={Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(Verifier)))}&code_challenge_method=s256";

    /// <summary>Signs in from the button to the session, with PKCE.</summary>
    internal async Task<JsonElement> SignInWithProviderAsync(LocalSupabaseServer? server = null)
    {
        server ??= Server;
        using var browser = server.OpenBrowser();
        var landing = await browser.FollowAsync(AuthorizeUrl(server, PkceParameters()), Site);
        using var response = await RedeemAsync(server, Browser.Query(landing, "code") ?? throw new InvalidOperationException(landing.ToString()));
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    internal static async Task<HttpResponseMessage> RedeemAsync(LocalSupabaseServer server, string code, string verifier = Verifier)
    {
        using var client = server.Connect();
        return await client.PostAsJsonAsync("/auth/v1/token?grant_type=pkce", new { auth_code = code, code_verifier = verifier });
    }

    protected static string[] ProvidersOf(JsonElement user) =>
        [.. user.GetProperty("identities").EnumerateArray().Select(identity => identity.GetProperty("provider").GetString()!)];
}
