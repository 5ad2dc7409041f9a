using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>Access tokens that are not what they say (RFC 8725): each gets 401.</summary>
public sealed class ForgedTokenTests : PlatformTest
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    [Test]
    public async Task A_token_made_as_these_are_is_good() => Assert.That(await StatusAsync(Sign(_ => { })), Is.EqualTo(200));

    [TestCase("iss", "https://elsewhere.example/auth/v1")]
    [TestCase("iss", "")]
    [TestCase("aud", "anon")]
    [TestCase("aud", "")]
    [TestCase("role", "service_role")]
    [TestCase("role", "anon")]
    [TestCase("role", "postgres")]
    [TestCase("role", "")]
    [TestCase("sub", "")]
    [TestCase("sub", "admin")]
    [TestCase("sub", "1")]
    public async Task Refuses_a_token_with_another_claim(string claim, string value) =>
        Assert.That(await StatusAsync(Sign(claims => claims[claim] = value)), Is.EqualTo(401));

    [TestCase("iss")]
    [TestCase("aud")]
    [TestCase("role")]
    [TestCase("sub")]
    [TestCase("exp")]
    public async Task Refuses_a_token_without_a_claim(string claim) =>
        Assert.That(await StatusAsync(Sign(claims => claims.Remove(claim))), Is.EqualTo(401));

    [TestCase("exp", -60)]
    [TestCase("nbf", 600)]
    public async Task Refuses_a_token_out_of_its_time(string claim, int seconds) =>
        Assert.That(await StatusAsync(Sign(claims => claims[claim] = Now() + seconds)), Is.EqualTo(401));

    [TestCase("none")]
    [TestCase("None")]
    [TestCase("HS256")]
    [TestCase("ES512")]
    [TestCase("RS256")]
    public async Task Refuses_a_header_that_names_another_algorithm(string algorithm)
    {
        var parts = Sign(_ => { }).Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","kid":"{{Key().Kid}}","typ":"JWT"}""");

        Assert.That(await StatusAsync($"{header}.{parts[1]}.{parts[2]}"), Is.EqualTo(401));
        Assert.That(await StatusAsync($"{header}.{parts[1]}."), Is.EqualTo(401));
    }

    [Test]
    public async Task Refuses_a_public_key_taken_for_a_shared_secret()
    {
        var secret = new SymmetricSecurityKey(Encoding.UTF8.GetBytes($"{Key().X}{Key().Y}")) { KeyId = Key().Kid };

        Assert.That(await StatusAsync(Sign(_ => { }, new SigningCredentials(secret, SecurityAlgorithms.HmacSha256))), Is.EqualTo(401));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Refuses_a_key_of_the_forgers_own(bool underOurName)
    {
        using var algorithm = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var own = new ECDsaSecurityKey(algorithm) { KeyId = underOurName ? Key().Kid : "own" };

        Assert.That(await StatusAsync(Sign(_ => { }, new SigningCredentials(own, SecurityAlgorithms.EcdsaSha256))), Is.EqualTo(401));
    }

    [TestCase("x")]
    [TestCase("a.b.c")]
    [TestCase("..")]
    [TestCase("e30.e30.e30")]
    public async Task Refuses_what_is_no_token(string token) => Assert.That(await StatusAsync(token), Is.EqualTo(401));

    [Test]
    public async Task Refuses_a_token_that_is_too_long() =>
        Assert.That(await StatusAsync(Sign(claims => claims["padding"] = new string('x', 16 * 1024))), Is.EqualTo(401));

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static JsonWebKey Key() => new(Application.Services.GetRequiredService<IConfiguration>()["Test:SigningKeyJwk"]!);

    private static string Sign(Action<Dictionary<string, object>> change, SigningCredentials? credentials = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = $"{Application.Url}/auth/v1",
            ["aud"] = "authenticated",
            ["sub"] = Guid.CreateVersion7().ToString(),
            ["role"] = "authenticated",
            ["iat"] = Now(),
            ["exp"] = Now() + 600,
        };
        change(claims);
        return Handler.CreateToken(
            System.Text.Json.JsonSerializer.Serialize(claims), credentials ?? new SigningCredentials(Key(), SecurityAlgorithms.EcdsaSha256));
    }

    private async Task<int> StatusAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/dashboards");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Visitor().SendAsync(request);
        return (int)response.StatusCode;
    }
}
