using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AccessTokenTests : AuthTest
{
    private static readonly string[] ClaimNames =
    [
        "iss", "sub", "aud", "exp", "iat", "email", "phone", "app_metadata", "user_metadata", "role", "aal", "amr", "session_id", "is_anonymous",
    ];

    [Test]
    public async Task Holds_exactly_the_claims_of_the_protocol()
    {
        var session = await SignUpAsync();

        var header = Part(AccessToken(session), 0);
        var claims = Part(AccessToken(session), 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(header.GetRawText(), Is.EqualTo("""{"alg":"ES256","kid":"test-key","typ":"JWT"}"""));
            Assert.That(claims.EnumerateObject().Select(claim => claim.Name), Is.EquivalentTo(ClaimNames));
            Assert.That(claims.GetProperty("iss").GetString(), Is.EqualTo($"{Server.Url}/auth/v1"));
            Assert.That(claims.GetProperty("aud").GetString(), Is.EqualTo("authenticated"));
            Assert.That(claims.GetProperty("aal").GetString(), Is.EqualTo("aal1"));
            Assert.That(claims.GetProperty("amr")[0].GetProperty("method").GetString(), Is.EqualTo("password"));
            Assert.That(claims.GetProperty("amr")[0].GetProperty("timestamp").ValueKind, Is.EqualTo(JsonValueKind.Number));
            Assert.That(claims.GetProperty("is_anonymous").GetBoolean(), Is.False);
            Assert.That(claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64(), Is.EqualTo(3600));
        }
    }

    [Test]
    public async Task Verifies_with_the_published_keys_which_hold_no_secret()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(withKey: false);

        using var response = await client.GetAsync("/auth/v1/.well-known/jwks.json");

        var document = await response.Content.ReadAsStringAsync();
        var keys = new JsonWebKeySet(document);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(AccessToken(session), new TokenValidationParameters
        {
            IssuerSigningKeys = keys.GetSigningKeys(),
            ValidIssuer = $"{Server.Url}/auth/v1",
            ValidAudience = "authenticated",
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.IsValid, Is.True, result.Exception?.Message);
            Assert.That(keys.Keys.Single().HasPrivateKey, Is.False);
            Assert.That(document, Does.Not.Contain("\"d\""));
            Assert.That(response.Headers.CacheControl?.MaxAge, Is.EqualTo(TimeSpan.FromMinutes(10)));
        }
    }

    [Test]
    public async Task Is_still_taken_when_the_shared_secret_signed_it()
    {
        var session = await SignUpAsync();
        var legacy = LocalSupabaseServer.SignShared(new { sub = UserId(session).ToString(), role = "authenticated", aud = "authenticated", exp = 4102444800 });

        Assert.That(await GetUserStatusAsync(legacy), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Is_refused_when_the_public_key_was_used_as_a_secret()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(withKey: false);
        var document = await client.GetStringAsync("/auth/v1/.well-known/jwks.json");
        var publicKey = JsonElement.Parse(document).GetProperty("keys")[0].GetRawText();
        var forged = new JsonWebTokenHandler().CreateToken(
            $$"""{"sub":"{{UserId(session)}}","role":"service_role","exp":4102444800}""",
            new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(publicKey)) { KeyId = "test-key" }, SecurityAlgorithms.HmacSha256));

        Assert.That(await GetUserStatusAsync(forged), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Is_refused_without_a_signature()
    {
        var session = await SignUpAsync();
        var payload = AccessToken(session).Split('.')[1];
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");

        Assert.That(await GetUserStatusAsync($"{header}.{payload}."), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Is_refused_after_its_time()
    {
        var session = await SignUpAsync();
        Server.Clock.Advance(TimeSpan.FromSeconds(3601));
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.GetAsync("/auth/v1/user");

        var error = await ExpectErrorAsync(response, 403, "bad_jwt");
        Assert.That(error.GetProperty("msg").GetString(), Does.StartWith("invalid JWT: unable to parse or verify signature, "));
        Assert.That(error.GetProperty("msg").GetString(), Does.Contain("token has invalid claims: token is expired"));
    }

    [Test]
    public async Task Is_asked_for_with_the_documented_words()
    {
        using var nobody = Server.Connect();
        using var missing = await nobody.GetAsync("/auth/v1/user");
        await ExpectErrorAsync(missing, 401, "no_authorization", "This endpoint requires a valid Bearer token");

        using var key = Server.Connect(Server.AnonKey);
        using var withoutSubject = await key.GetAsync("/auth/v1/user");
        await ExpectErrorAsync(withoutSubject, 403, "bad_jwt", "invalid claim: missing sub claim");

        using var garbage = Server.Connect("not.a.token");
        using var malformed = await garbage.GetAsync("/auth/v1/user");
        await ExpectErrorAsync(malformed, 403, "bad_jwt");

        using var stranger = Server.Connect(LocalSupabaseServer.SignShared(new { sub = Guid.CreateVersion7().ToString(), exp = 4102444800 }));
        using var unknown = await stranger.GetAsync("/auth/v1/user");
        await ExpectErrorAsync(unknown, 403, "user_not_found");
    }

    [Test]
    public async Task Is_signed_by_the_shared_secret_where_there_is_no_key()
    {
        await using var server = await LocalSupabaseServer.StartAsync(asymmetric: false);
        using var client = server.Connect();
        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = Password });
        var session = await ExpectAsync(response, HttpStatusCode.OK);

        var keys = await client.GetStringAsync("/auth/v1/.well-known/jwks.json");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Part(AccessToken(session), 0).GetProperty("alg").GetString(), Is.EqualTo("HS256"));
            Assert.That(keys, Is.EqualTo("""{"keys":[]}"""));
        }
    }
}
