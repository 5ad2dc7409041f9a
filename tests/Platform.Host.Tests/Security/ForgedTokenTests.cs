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

    // Somebody who exists, so that a token is refused for what is wrong with it alone.
    private Guid _person;

    [SetUp]
    public async Task CreatePersonAsync() => _person = (await SignInAsync()).Id;

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
    [TestCase("sub", "00000000-0000-0000-0000-000000000000")]
    [TestCase("sub", "' or true --")]
    [TestCase("aud", "authenticated ")]
    [TestCase("aud", "AUTHENTICATED")]
    [TestCase("role", "Authenticated")]
    [TestCase("role", "authenticated\0")]
    [TestCase("exp", "9999999999x")]
    [TestCase("session_id", "")]
    [TestCase("session_id", "not a session")]
    [TestCase("session_id", "01a21864-d700-7b76-8f54-ae0a618b4c47")]
    public async Task Refuses_a_token_with_another_claim(string claim, string value) =>
        Assert.That(await StatusAsync(Sign(claims => claims[claim] = value)), Is.EqualTo(401));

    [TestCase("iss")]
    [TestCase("aud")]
    [TestCase("role")]
    [TestCase("sub")]
    [TestCase("exp")]
    public async Task Refuses_a_token_without_a_claim(string claim) =>
        Assert.That(await StatusAsync(Sign(claims => claims.Remove(claim))), Is.EqualTo(401));

    [TestCase("role")]
    [TestCase("sub")]
    [TestCase("session_id")]
    public async Task Refuses_a_claim_that_is_a_list(string claim) =>
        Assert.That(await StatusAsync(Sign(claims => claims[claim] = new[] { "authenticated", _person.ToString() })), Is.EqualTo(401));

    [Test]
    public async Task Refuses_a_list_of_audiences_without_ours() =>
        Assert.That(await StatusAsync(Sign(claims => claims["aud"] = new[] { "anon", "service_role" })), Is.EqualTo(401));

    [TestCase("exp", -60)]
    [TestCase("exp", -1_800_000_000)]
    [TestCase("nbf", 60)]
    [TestCase("nbf", 600)]
    public async Task Refuses_a_token_out_of_its_time(string claim, int seconds) =>
        Assert.That(await StatusAsync(Sign(claims => claims[claim] = Now() + seconds)), Is.EqualTo(401));

    [TestCase("none")]
    [TestCase("None")]
    [TestCase("HS256")]
    [TestCase("ES512")]
    [TestCase("RS256")]
    [TestCase("nOnE")]
    [TestCase("")]
    [TestCase("PS256")]
    [TestCase("HS512")]
    [TestCase("EdDSA")]
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

    [TestCase("jwk")]
    [TestCase("jku")]
    [TestCase("x5u")]
    [TestCase("x5c")]
    public async Task Refuses_a_key_that_the_token_brings_itself(string header)
    {
        using var algorithm = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var own = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(algorithm) { KeyId = "own" });
        object brought = header switch
        {
            "jwk" => new Dictionary<string, string> { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = own.X, ["y"] = own.Y, ["kid"] = "own" },
            "x5c" => new[] { "MIIB" },
            _ => $"{Application.Url}/auth/v1/.well-known/jwks.json",
        };

        var token = Handler.CreateToken(
            Claims(_ => { }), new SigningCredentials(own, SecurityAlgorithms.EcdsaSha256), new Dictionary<string, object> { [header] = brought });

        Assert.That(await StatusAsync(token), Is.EqualTo(401));
    }

    [TestCase("own")]
    [TestCase("")]
    [TestCase("../../etc/passwd")]
    [TestCase("' union select 'x")]
    public async Task Refuses_a_key_name_that_is_not_ours(string kid)
    {
        var key = new JsonWebKey(Application.Services.GetRequiredService<IConfiguration>()["Test:SigningKeyJwk"]!) { Kid = kid, KeyId = kid };

        Assert.That(await StatusAsync(Sign(_ => { }, new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256))), Is.EqualTo(401));
    }

    [TestCase("payload")]
    [TestCase("signature")]
    [TestCase("cut")]
    [TestCase("swapped")]
    [TestCase("four parts")]
    [TestCase("space")]
    public async Task Refuses_a_good_token_that_was_changed(string how)
    {
        var (token, other) = (Sign(_ => { }), Sign(claims => claims["exp"] = Now() + 900));
        var (parts, others) = (token.Split('.'), other.Split('.'));
        var changed = how switch
        {
            "payload" => $"{parts[0]}.{Base64UrlEncoder.Encode(Claims(claims => claims["exp"] = Now() + 86_400))}.{parts[2]}",
            "signature" => $"{parts[0]}.{parts[1]}.{new string('A', parts[2].Length)}",
            "cut" => token[..^2],
            "swapped" => $"{parts[0]}.{parts[1]}.{others[2]}",
            "four parts" => $"{token}.{parts[2]}",
            _ => $"{parts[0]}. {parts[1]}.{parts[2]}",
        };

        Assert.That(await StatusAsync(changed), Is.EqualTo(401));
    }

    [TestCase("anon_key")]
    [TestCase("service_role_key")]
    public async Task Refuses_a_key_of_the_project(string key)
    {
        var connection = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Application.DataDirectory, "connection.json")));

        Assert.That(await StatusAsync(connection.RootElement.GetProperty(key).GetString()!), Is.EqualTo(401));
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

    private string Sign(Action<Dictionary<string, object>> change, SigningCredentials? credentials = null) =>
        Handler.CreateToken(Claims(change), credentials ?? new SigningCredentials(Key(), SecurityAlgorithms.EcdsaSha256));

    private string Claims(Action<Dictionary<string, object>> change)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = $"{Application.Url}/auth/v1",
            ["aud"] = "authenticated",
            ["sub"] = _person.ToString(),
            ["role"] = "authenticated",
            ["iat"] = Now(),
            ["exp"] = Now() + 600,
        };
        change(claims);
        return System.Text.Json.JsonSerializer.Serialize(claims);
    }

    private async Task<int> StatusAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/dashboards");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Visitor().SendAsync(request);
        return (int)response.StatusCode;
    }
}
