using System.Net;
using System.Security.Cryptography;
using Platform.LocalSupabase.Auth.OAuth;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class ProviderSettingsTests
{
    [TestCase("github", "client_id", "", "has no client_id")]
    [TestCase("acme", "client_secret", "secret", "has no issuer")]
    [TestCase("acme", "issuer", "no url", "issuer of the provider acme is no URL")]
    [TestCase("apple", "team_id", "team", "SigningKey")]
    [TestCase("github", "colour", "blue", "knows no setting colour")]
    public void Stop_the_start_when_they_make_no_sense(string provider, string setting, string value, string problem)
    {
        var settings = new Dictionary<string, string> { ["client_id"] = "id", ["client_secret"] = "secret", [setting] = value };

        Assert.That(
            () => StartAsync(provider, settings),
            Throws.TypeOf<LocalSupabaseException>().With.Property("Code").EqualTo("auth_provider_invalid").And.Message.Contains(problem));
    }

    [TestCase("azure", "tenant", "common")]
    [TestCase("gitlab", "issuer", "https://gitlab.example/")]
    [TestCase("keycloak", "issuer", "https://keycloak.example/realms/a")]
    [TestCase("linkedin_oidc", "scopes", "openid")]
    [TestCase("stack_exchange", "application_key", "key")]
    public async Task Reach_the_provider_that_they_are_for(string provider, string setting, string value)
    {
        await using var server = await StartAsync(
            provider, new Dictionary<string, string> { ["client_id"] = "id", ["client_secret"] = "secret", [setting] = value });
        using var client = server.Connect();

        var settings = await client.GetStringAsync("/auth/v1/settings");

        Assert.That(settings, Does.Contain($"\"{provider}\":true"));
    }

    [Test]
    public async Task Take_the_private_key_that_Apple_gives()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        await using var server = await StartAsync("apple", new Dictionary<string, string>
        {
            ["client_id"] = "id",
            ["team_id"] = "team",
            ["signing_key"] = key.ExportPkcs8PrivateKeyPem(),
        });

        using var client = server.Connect();
        using var response = await client.GetAsync("/auth/v1/settings");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private static Task<LocalSupabaseServer> StartAsync(string provider, Dictionary<string, string> settings) => LocalSupabaseServer.StartAsync(
        setup: new ServerSetup
        {
            OAuth = new OAuthOptions { Providers = new Dictionary<string, Dictionary<string, string>> { [provider] = settings } },
        });
}
