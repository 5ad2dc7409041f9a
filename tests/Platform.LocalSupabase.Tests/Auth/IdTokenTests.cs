using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class IdTokenTests : OAuthTest
{
    private const string Nonce = "a nonce of the application";

    private static readonly string HashedNonce = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Nonce)));

    [Test]
    public async Task Signs_in_with_a_token_of_the_provider()
    {
        var account = NewAccount();

        using var response = await GrantAsync(Sign(account, HashedNonce), Nonce);

        var session = await ExpectAsync(response, HttpStatusCode.OK);
        Provider.Account = account;
        var inBrowser = await SignInWithProviderAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Email(session), Is.EqualTo(account.Email));
            Assert.That(ProvidersOf(session.GetProperty("user")), Is.EqualTo(["acme"]));
            Assert.That(UserId(inBrowser), Is.EqualTo(UserId(session)));
        }
    }

    [Test]
    public async Task Checks_the_nonce()
    {
        using var wrong = await GrantAsync(Sign(NewAccount(), HashedNonce), "another nonce");
        using var missing = await GrantAsync(Sign(NewAccount(), HashedNonce), null);
        using var unasked = await GrantAsync(Sign(NewAccount(), null), Nonce);

        await ExpectRefusalAsync(wrong, "Nonces mismatch");
        await ExpectRefusalAsync(missing, "Passed nonce and nonce in id_token should either both exist or not.");
        await ExpectRefusalAsync(unasked, "Passed nonce and nonce in id_token should either both exist or not.");
    }

    [Test]
    public async Task Checks_the_access_token_that_comes_along()
    {
        // The example of OpenID Connect Core 1.0, appendix A.4.
        const string accessToken = "jHkWEdUXMU1BwAsC4vtUsZwnvTvwGkJvyVvlNEm0OQI";
        var hash = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken))[..16]);

        using var right = await GrantAsync(Sign(NewAccount(), null, accessTokenHash: hash), null, accessToken);
        using var without = await GrantAsync(Sign(NewAccount(), null), null, accessToken);
        using var wrong = await GrantAsync(Sign(NewAccount(), null, accessTokenHash: hash), null, accessToken + "x");

        await ExpectAsync(right, HttpStatusCode.OK);
        await ExpectAsync(without, HttpStatusCode.OK);
        await ExpectRefusalAsync(wrong, "Access token does not match at_hash in id_token");
    }

    [Test]
    public async Task Sends_a_mail_when_the_provider_did_not_verify_the_address()
    {
        await using var server = await StartAsync(autoConfirm: false);
        var account = NewAccount(verified: false);
        using var client = server.Connect();

        using var response = await client.PostAsJsonAsync(
            "/auth/v1/token?grant_type=id_token", new { provider = "acme", id_token = Sign(account, null) });
        var letters = await client.GetStringAsync($"/inbox.json?to={account.Email}");

        await ExpectErrorAsync(response, 422, "provider_email_needs_verification");
        Assert.That(letters, Does.Contain("Confirm your address"));
    }

    [Test]
    public async Task Refuses_what_is_for_others_by_others_or_of_another_time()
    {
        using var foreignKey = RSA.Create(2048);
        string[] tokens =
        [
            Sign(NewAccount(), null, audience: "another-client"),
            Sign(NewAccount(), null, issuer: "https://evil.example/"),
            Sign(NewAccount(), null, lifetime: TimeSpan.FromMinutes(-1)),
            Sign(NewAccount(), null, key: new RsaSecurityKey(foreignKey) { KeyId = "provider-key" }),
            "not.a.token",
        ];

        foreach (var token in tokens)
        {
            using var response = await GrantAsync(token, null);
            await ExpectRefusalAsync(response, "Bad ID token");
        }
    }

    [Test]
    public async Task Refuses_a_provider_that_is_off()
    {
        using var client = Server.Connect();

        using var response = await client.PostAsJsonAsync(
            "/auth/v1/token?grant_type=id_token", new { provider = "google", id_token = Sign(NewAccount(), null) });

        await ExpectErrorAsync(response, 400, "provider_disabled");
    }

    private string Sign(
        ProviderAccount account, string? nonce, string? audience = null, string? issuer = null, TimeSpan? lifetime = null,
        SecurityKey? key = null, string? accessTokenHash = null)
    {
        var now = Server.Clock.GetUtcNow();
        return Provider.SignIdToken(
            new
            {
                iss = issuer ?? $"{Provider.Url}/",
                aud = audience ?? LocalProvider.ClientId,
                sub = account.Subject,
                email = account.Email,
                email_verified = account.EmailVerified,
                nonce,
                at_hash = accessTokenHash,
                iat = now.AddMinutes(-2).ToUnixTimeSeconds(),
                exp = (now + (lifetime ?? TimeSpan.FromMinutes(5))).ToUnixTimeSeconds(),
            },
            key);
    }

    private async Task<HttpResponseMessage> GrantAsync(string token, string? nonce, string? accessToken = null)
    {
        using var client = Server.Connect();
        return await client.PostAsJsonAsync(
            "/auth/v1/token?grant_type=id_token", new { provider = "acme", id_token = token, nonce, access_token = accessToken });
    }

    private static async Task ExpectRefusalAsync(HttpResponseMessage response, string description)
    {
        var body = await ExpectAsync(response, HttpStatusCode.BadRequest);
        Assert.That(body.GetProperty("error").GetString(), Is.EqualTo("invalid request"));
        Assert.That(body.GetProperty("error_description").GetString(), Is.EqualTo(description));
    }
}
