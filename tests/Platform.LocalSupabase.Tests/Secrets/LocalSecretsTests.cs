using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.LocalSupabase.Postgres;
using Platform.LocalSupabase.Secrets;
using Platform.LocalSupabase.Tests.Postgres;

namespace Platform.LocalSupabase.Tests.Secrets;

public sealed class LocalSecretsTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public void Makes_a_private_file_once_and_reads_it_ever_after()
    {
        using var data = new TemporaryDirectory();

        var made = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        var read = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.GetUnixFileMode(data.File("secrets.json")), Is.EqualTo(OwnerOnly));
            Assert.That(Directory.EnumerateFiles(data.Path).Count(), Is.EqualTo(1));
            Assert.That(read.SigningKeyJwk, Is.EqualTo(made.SigningKeyJwk));
            Assert.That(read.AnonKey, Is.EqualTo(made.AnonKey));
            Assert.That(read.MasterKey, Is.EqualTo(made.MasterKey));
            Assert.That(Convert.FromBase64String(read.MasterKey), Has.Length.EqualTo(32));
            Assert.That(LoginNames.All.Select(read.Password), Is.EqualTo(LoginNames.All.Select(made.Password)).And.Unique);
        }
    }

    [Test]
    public void Makes_a_signing_key_that_signs_and_names_itself_by_its_thumbprint()
    {
        using var data = new TemporaryDirectory();

        var key = new JsonWebKey(LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System).SigningKeyJwk);

        using var signer = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Base64UrlEncoder.DecodeBytes(key.D),
            Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
        });
        var signature = signer.SignData("text"u8, HashAlgorithmName.SHA256);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(signer.VerifyData("text"u8, signature, HashAlgorithmName.SHA256), Is.True);
            Assert.That((key.Kty, key.Crv, key.Alg), Is.EqualTo(("EC", "P-256", "ES256")));
            Assert.That(key.Kid, Is.EqualTo(Base64Url.EncodeToString(key.ComputeJwkThumbprint())));
        }
    }

    [TestCase("anon")]
    [TestCase("service_role")]
    public async Task Makes_api_keys_with_a_role_alone_that_last_ten_years(string role)
    {
        using var data = new TemporaryDirectory();
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

        var secrets = LocalSecrets.LoadOrCreate(data.Path, clock);

        var token = role == "anon" ? secrets.AnonKey : secrets.ServiceRoleKey;
        var validated = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secrets.JwtSecret)),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidIssuer = "supabase",
            ValidateAudience = false,
        });
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(validated.IsValid, Is.True, validated.Exception?.Message);
            Assert.That(
                claims.GetRawText(),
                Is.EqualTo($$"""{"iss":"supabase","role":"{{role}}","iat":1893553445,"exp":2209086245}"""));
        }
    }

    [Test]
    public void Refuses_a_file_that_others_may_read()
    {
        using var data = new TemporaryDirectory();
        LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        File.SetUnixFileMode(data.File("secrets.json"), OwnerOnly | UnixFileMode.GroupRead);

        var refusal = ExpectRefusal(data, "secrets_exposed");

        Assert.That(refusal.NextStep, Does.Contain($"chmod 600 {data.File("secrets.json")}"));
    }

    [TestCase("empty", "")]
    [TestCase("cut short", "{\"signing_key\": {")]
    [TestCase("not an object", "null")]
    [TestCase("without its parts", "{}")]
    public void Refuses_a_file_that_is(string what, string content)
    {
        using var data = new TemporaryDirectory();
        LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        File.WriteAllText(data.File("secrets.json"), content);

        ExpectRefusal(data, "secrets_corrupt");

        Assert.That(File.ReadAllText(data.File("secrets.json")), Is.EqualTo(content), what);
    }

    [TestCase("jwt_secret", "short")]
    [TestCase("anon_key", "no.token")]
    [TestCase("passwords", null)]
    [TestCase("master_key", null)]
    public void Refuses_a_file_in_which_a_value_is_damaged(string member, string? value)
    {
        using var data = new TemporaryDirectory();
        LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        Rewrite(data, document => document[member] = value);

        ExpectRefusal(data, "secrets_corrupt");
    }

    [Test]
    public void Refuses_to_make_new_secrets_for_an_existing_cluster()
    {
        using var data = new TemporaryDirectory();
        Directory.CreateDirectory(data.File("postgres"));

        ExpectRefusal(data, "secrets_missing");

        Assert.That(File.Exists(data.File("secrets.json")), Is.False);
    }

    [Test]
    public void Adds_a_password_for_a_login_that_an_older_file_does_not_know()
    {
        using var data = new TemporaryDirectory();
        var old = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        Rewrite(data, document => document["passwords"]!.AsObject().Remove("platform_jobs"));

        var password = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System).Password("platform_jobs");

        var again = LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.Password("platform_jobs"), Is.EqualTo(password).And.Not.EqualTo(old.Password("platform_jobs")));
            Assert.That(again.Password("platform_api"), Is.EqualTo(old.Password("platform_api")));
            Assert.That(File.GetUnixFileMode(data.File("secrets.json")), Is.EqualTo(OwnerOnly));
        }
    }

    [Test]
    public async Task Agrees_on_one_set_when_several_processes_begin_at_once()
    {
        using var data = new TemporaryDirectory();

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System).JwtSecret)));

        Assert.That(all.Distinct().Count(), Is.EqualTo(1));
    }

    private static void Rewrite(TemporaryDirectory data, Action<JsonNode> change)
    {
        var document = JsonNode.Parse(File.ReadAllText(data.File("secrets.json")))!;
        change(document);
        File.WriteAllText(data.File("secrets.json"), document.ToJsonString());
    }

    private static LocalSupabaseException ExpectRefusal(TemporaryDirectory data, string code)
    {
        var exception = Assert.Throws<LocalSupabaseException>(() => LocalSecrets.LoadOrCreate(data.Path, TimeProvider.System));
        Assert.That(exception!.Code, Is.EqualTo(code), exception.Message);
        return exception;
    }
}
