using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class SigningKeyTests : AuthTest
{
    // Servers of one project share an address; here each has its own.
    private const string Issuer = "https://project.example/auth/v1";

    private static readonly JsonObject First = Key("first");
    private static readonly JsonObject Second = Rsa("second");

    internal override Task<LocalSupabaseServer> StartAsync() => ServerWithAsync(First);

    [Test]
    public async Task A_token_outlives_the_key_that_signed_it_and_not_its_own_time()
    {
        var session = await SignUpAsync();
        await using var rotated = await ServerWithAsync(WithOperations(First, "verify"), WithOperations(Second, "sign", "verify"));
        await using var retired = await ServerWithAsync(Second);

        using var refresh = rotated.Connect();
        using var refreshed = await refresh.PostAsJsonAsync(
            "/auth/v1/token?grant_type=refresh_token", new { refresh_token = RefreshToken(session) });
        var next = await ExpectAsync(refreshed, HttpStatusCode.OK);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StatusAsync(rotated, AccessToken(session)), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await StatusAsync(retired, AccessToken(session)), Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(Part(AccessToken(next), 0).GetRawText(), Is.EqualTo("""{"alg":"RS256","kid":"second","typ":"JWT"}"""));
            Assert.That(await StatusAsync(rotated, AccessToken(next)), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await KeysAsync(rotated), Is.EqualTo(["first ES256", "second RS256"]));
            Assert.That(await KeysAsync(Server), Is.EqualTo(["first ES256"]));
        }

        rotated.Clock.Advance(TimeSpan.FromSeconds(3601));
        Assert.That(await StatusAsync(rotated, AccessToken(session)), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Publishes_no_private_part_and_no_symmetric_key()
    {
        var symmetric = new JsonObject
        {
            ["kty"] = "oct",
            ["kid"] = "old-secret",
            ["k"] = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32)),
            ["key_ops"] = new JsonArray("verify"),
        };
        await using var server = await ServerWithAsync(WithOperations(First, "sign", "verify"), WithOperations(Second, "verify"), symmetric);
        using var client = server.Connect(withKey: false);

        var document = await client.GetStringAsync("/auth/v1/.well-known/jwks.json");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await KeysAsync(server), Is.EqualTo(["first ES256", "second RS256"]));
            Assert.That(
                JsonElement.Parse(document).GetProperty("keys").EnumerateArray().SelectMany(key => key.EnumerateObject())
                    .Select(part => part.Name).Distinct(),
                Is.SubsetOf(["kty", "kid", "alg", "use", "key_ops", "crv", "x", "y", "n", "e"]));
        }
    }

    [TestCaseSource(nameof(Unusable))]
    public void Refuses_to_start_with_keys_that_leave_a_doubt(string keys) =>
        Assert.That(
            () => LocalSupabaseServer.StartAsync(setup: new ServerSetup { SigningKeys = keys }),
            Throws.TypeOf<LocalSupabaseException>().With.Property("Code").EqualTo("auth_keys_invalid"));

    private static IEnumerable<string> Unusable() =>
    [
        "no json",
        "[]x",
        "null",
        List(First, Second),
        List(WithOperations(First, "sign"), WithOperations(Second, "sign")),
        List(WithOperations(First, "verify"), WithOperations(Second, "verify")),
        List(WithOperations(First, "sign"), WithOperations(First, "verify")),
        """{"kty":"oct","k":"c2hvcnQ"}""",
        """{"kty":"EC","crv":"P-256","x":"AA","y":"AA","alg":"HS256"}""",
    ];

    private static async Task<HttpStatusCode> StatusAsync(LocalSupabaseServer server, string token)
    {
        using var client = server.Connect(token);
        using var response = await client.GetAsync("/auth/v1/user");
        return response.StatusCode;
    }

    private static async Task<List<string>> KeysAsync(LocalSupabaseServer server)
    {
        using var client = server.Connect(withKey: false);
        var document = JsonElement.Parse(await client.GetStringAsync("/auth/v1/.well-known/jwks.json"));
        return [.. document.GetProperty("keys").EnumerateArray().Select(key => $"{key.GetProperty("kid").GetString()} {key.GetProperty("alg").GetString()}")];
    }

    private static Task<LocalSupabaseServer> ServerWithAsync(params JsonObject[] keys) =>
        LocalSupabaseServer.StartAsync(setup: new ServerSetup { SigningKeys = List(keys), Issuer = Issuer });

    private static string List(params JsonObject[] keys) => new JsonArray([.. keys.Select(key => key.DeepClone())]).ToJsonString();

    private static JsonObject WithOperations(JsonObject key, params string[] operations)
    {
        var copy = key.DeepClone().AsObject();
        copy["key_ops"] = new JsonArray([.. operations.Select(operation => JsonValue.Create(operation))]);
        return copy;
    }

    private static JsonObject Key(string kid) => JsonNode.Parse(LocalSupabaseServer.NewSigningKey(kid))!.AsObject();

    private static JsonObject Rsa(string kid)
    {
        using var key = RSA.Create(2048);
        var parts = key.ExportParameters(includePrivateParameters: true);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["kid"] = kid,
            ["n"] = Base64UrlEncoder.Encode(parts.Modulus),
            ["e"] = Base64UrlEncoder.Encode(parts.Exponent),
            ["d"] = Base64UrlEncoder.Encode(parts.D),
            ["p"] = Base64UrlEncoder.Encode(parts.P),
            ["q"] = Base64UrlEncoder.Encode(parts.Q),
            ["dp"] = Base64UrlEncoder.Encode(parts.DP),
            ["dq"] = Base64UrlEncoder.Encode(parts.DQ),
            ["qi"] = Base64UrlEncoder.Encode(parts.InverseQ),
        };
    }
}
