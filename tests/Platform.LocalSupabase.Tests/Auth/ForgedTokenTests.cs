using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

/// <summary>Tokens of others, of other times and for others, and those that try to choose how they are verified.</summary>
public sealed class ForgedTokenTests : AuthTest
{
    private JsonObject _header = null!;
    private JsonObject _claims = null!;
    private string[] _genuine = null!;

    [SetUp]
    public async Task TakeApartAGenuineTokenAsync()
    {
        _genuine = AccessToken(await SignUpAsync()).Split('.');
        _header = Decode(_genuine[0]);
        _claims = Decode(_genuine[1]);
    }

    [Test]
    public async Task A_genuine_token_passes_and_so_does_one_of_the_shared_secret()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GetUserStatusAsync(string.Join('.', _genuine)), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await GetUserStatusAsync(Shared(_claims)), Is.EqualTo(HttpStatusCode.OK), "else the table below shows nothing");
        }
    }

    [TestCase("none")]
    [TestCase("None")]
    [TestCase("NONE")]
    [TestCase("")]
    public async Task No_signature(string algorithm)
    {
        _header["alg"] = algorithm;

        await ExpectForgedAsync($"{Encode(_header)}.{Encode(_claims)}.");
        await ExpectForgedAsync($"{Encode(_header)}.{Encode(_claims)}.{_genuine[2]}");
    }

    [TestCase("x")]
    [TestCase("jwk")]
    [TestCase("pem")]
    public async Task The_public_key_as_the_secret(string form)
    {
        using var client = Server.Connect(withKey: false);
        var jwk = JsonElement.Parse(await client.GetStringAsync("/auth/v1/.well-known/jwks.json")).GetProperty("keys")[0];
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64UrlEncoder.DecodeBytes(jwk.GetProperty("x").GetString()),
                Y = Base64UrlEncoder.DecodeBytes(jwk.GetProperty("y").GetString()),
            },
        });
        var secret = form switch
        {
            "x" => Base64UrlEncoder.DecodeBytes(jwk.GetProperty("x").GetString()),
            "jwk" => Encoding.UTF8.GetBytes(jwk.GetRawText()),
            _ => Encoding.UTF8.GetBytes(key.ExportSubjectPublicKeyInfoPem()),
        };
        _header["alg"] = "HS256";

        await ExpectForgedAsync(Hmac(_header, _claims, secret));
        _header.Remove("kid");
        await ExpectForgedAsync(Hmac(_header, _claims, secret));
    }

    [TestCase("test-key")]
    [TestCase("another-key")]
    [TestCase("../../dev/null")]
    [TestCase(null)]
    public async Task The_key_of_somebody_else(string? keyId)
    {
        using var attacker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parts = attacker.ExportParameters(includePrivateParameters: false);
        _header["kid"] = keyId;
        _header["jwk"] = new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64UrlEncoder.Encode(parts.Q.X),
            ["y"] = Base64UrlEncoder.Encode(parts.Q.Y),
        };
        _header["jku"] = "https://evil.example/jwks.json";
        _header["x5u"] = "https://evil.example/key.pem";

        await ExpectForgedAsync(Ecdsa(_header, _claims, attacker));
    }

    [Test]
    public async Task An_unknown_key_id_for_a_genuine_signature()
    {
        _header["kid"] = "another-key";

        await ExpectForgedAsync($"{Encode(_header)}.{_genuine[1]}.{_genuine[2]}");
    }

    [Test]
    public async Task A_signature_of_zeros_cut_short_or_of_other_claims()
    {
        await ExpectForgedAsync($"{_genuine[0]}.{_genuine[1]}.{Base64UrlEncoder.Encode(new byte[64])}");
        await ExpectForgedAsync($"{_genuine[0]}.{_genuine[1]}.{_genuine[2][..40]}");
        await ExpectForgedAsync($"{_genuine[0]}.{_genuine[1]}.");
        _claims["role"] = "service_role";
        await ExpectForgedAsync($"{_genuine[0]}.{Encode(_claims)}.{_genuine[2]}");
    }

    [TestCase("RS256")]
    [TestCase("ES384")]
    [TestCase("HS512")]
    [TestCase("PS256")]
    public async Task Another_algorithm_than_the_keys(string algorithm)
    {
        _header["alg"] = algorithm;

        await ExpectForgedAsync($"{Encode(_header)}.{_genuine[1]}.{_genuine[2]}");
        await ExpectForgedAsync(Hmac(_header, _claims, Encoding.UTF8.GetBytes(LocalSupabaseServer.JwtSecret)));
    }

    [Test]
    public async Task A_header_that_must_be_understood()
    {
        var header = new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT", ["crit"] = new JsonArray("b64"), ["b64"] = false };

        await ExpectForgedAsync(Hmac(header, _claims, Encoding.UTF8.GetBytes(LocalSupabaseServer.JwtSecret)));
    }

    [TestCase("exp", -10)]
    [TestCase("nbf", 60)]
    public async Task Another_time(string claim, int seconds)
    {
        _claims[claim] = Server.Clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

        await ExpectForgedAsync(Shared(_claims));
    }

    [TestCase("iss", "\"https://evil.example/auth/v1\"", "bad_jwt")]
    [TestCase("iss", "\"\"", "bad_jwt")]
    [TestCase("aud", "\"anon\"", "unexpected_audience")]
    [TestCase("aud", "[\"other\",\"another\"]", "unexpected_audience")]
    [TestCase("aud", "7", "bad_jwt")]
    [TestCase("session_id", "\"not a uuid\"", "bad_jwt")]
    [TestCase("session_id", "\"0197f0a0-0000-7000-8000-000000000000\"", "session_not_found")]
    [TestCase("sub", "\"0197f0a0-0000-7000-8000-000000000000\"", "user_not_found")]
    [TestCase("sub", "\"\"", "bad_jwt")]
    [TestCase("sub", "7", "bad_jwt")]
    public async Task For_or_from_somebody_else(string claim, string value, string code)
    {
        _claims[claim] = JsonNode.Parse(value);
        using var client = Server.Connect(Shared(_claims));

        using var response = await client.GetAsync("/auth/v1/user");

        await ExpectErrorAsync(response, 403, code);
    }

    [Test]
    public async Task Someone_elses_session()
    {
        var other = await SignUpAsync();
        _claims["session_id"] = Part(AccessToken(other), 1).GetProperty("session_id").GetString();
        using var client = Server.Connect(Shared(_claims));

        using var response = await client.GetAsync("/auth/v1/user");

        await ExpectErrorAsync(response, 403, "session_not_found");
    }

    [TestCase("")]
    [TestCase("a.b")]
    [TestCase("a.b.c.d")]
    [TestCase("a.b.c.d.e")]
    [TestCase("...")]
    [TestCase("eyJhbGciOiJFUzI1NiJ9.bm90IGpzb24.AAAA")]
    [TestCase("eyJhbGciOiJIUzI1NiJ9.W10.AAAA")]
    [TestCase("%00.%00.%00")]
    public async Task No_token_at_all(string token)
    {
        using var client = Server.Connect(token.Length == 0 ? " " : token);

        using var response = await client.GetAsync("/auth/v1/user");

        Assert.That((int)response.StatusCode, Is.AnyOf(401, 403));
    }

    [Test]
    public async Task Oversized()
    {
        _claims["padding"] = new string('x', 24 * 1024);

        Assert.That(
            (int)await GetUserStatusAsync($"{Encode(_header)}.{Encode(_claims)}.{_genuine[2]}"), Is.AnyOf(403, 431));
    }

    [Test]
    public async Task A_users_token_with_the_role_of_the_service_in_its_metadata_is_no_administrators()
    {
        using var client = Server.Connect(string.Join('.', _genuine));
        using var change = await client.PutAsync(
            "/auth/v1/user", new StringContent("""{"data":{"role":"service_role","aud":"service_role"}}"""));
        await ExpectAsync(change, HttpStatusCode.OK);

        using var response = await client.GetAsync("/auth/v1/admin/users");

        await ExpectErrorAsync(response, 403, "not_admin");
    }

    private async Task ExpectForgedAsync(string token)
    {
        using var client = Server.Connect(token);
        using var response = await client.GetAsync("/auth/v1/user");
        await ExpectErrorAsync(response, 403, "bad_jwt");
    }

    private static JsonObject Decode(string part) => JsonNode.Parse(Base64UrlEncoder.Decode(part))!.AsObject();

    private static string Encode(JsonObject part) => Base64UrlEncoder.Encode(part.ToJsonString());

    private static string Shared(JsonObject claims) => Hmac(
        new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" }, claims, Encoding.UTF8.GetBytes(LocalSupabaseServer.JwtSecret));

    private static string Hmac(JsonObject header, JsonObject claims, byte[] secret)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Ecdsa(JsonObject header, JsonObject claims, ECDsa key)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }
}
