using System.Net;
using System.Net.Http.Json;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class GatewayTests : AuthTest
{
    [Test]
    public async Task Asks_for_an_api_key()
    {
        using var client = Server.Connect(withKey: false);

        using var none = await client.GetAsync("/auth/v1/settings");
        using var wrong = await client.GetAsync("/auth/v1/settings?apikey=wrong");
        using var query = await client.GetAsync($"/auth/v1/settings?apikey={Server.AnonKey}");
        using var open = await client.GetAsync("/auth/v1/health");

        var body = await ExpectAsync(none, HttpStatusCode.Unauthorized);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(body.GetProperty("message").GetString(), Is.EqualTo("No API key found in request"));
            Assert.That(body.GetProperty("hint").GetString(), Is.EqualTo("No `apikey` request header or url param was found."));
            Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(query.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(open.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task Asks_for_no_key_when_told_so()
    {
        await using var server = await LocalSupabaseServer.StartAsync(requireApiKey: false);
        using var client = server.Connect(withKey: false);

        using var response = await client.GetAsync("/auth/v1/settings");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Turns_an_opaque_key_into_its_role()
    {
        await using var server = await LocalSupabaseServer.StartAsync(opaqueKeys: true);
        using var admin = server.Connect(server.ServiceRoleKey);
        using var bare = server.Connect(withKey: false);
        bare.DefaultRequestHeaders.Add("apikey", server.ServiceRoleKey);
        using var anonymous = server.Connect(server.AnonKey);
        using var unknown = server.Connect("sb_secret_of_somebody_else");

        using var asAdmin = await admin.GetAsync("/auth/v1/admin/users");
        using var asKey = await bare.GetAsync("/auth/v1/admin/users");
        using var asAnonymous = await anonymous.GetAsync("/auth/v1/admin/users");
        using var asUnknown = await unknown.GetAsync("/auth/v1/admin/users");

        Assert.That(asAdmin.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(asKey.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await ExpectErrorAsync(asAnonymous, 403, "not_admin", "User not allowed");
        await ExpectErrorAsync(asUnknown, 403, "bad_jwt");
    }

    [Test]
    public async Task Lets_any_origin_ask_and_read_errors()
    {
        using var client = Server.Connect(withKey: false);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/auth/v1/token?grant_type=password");
        preflight.Headers.Add("Origin", "https://app.example.com");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");

        using var answer = await client.SendAsync(preflight);
        using var error = await client.GetAsync("/auth/v1/user");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin").Single(), Is.EqualTo("*"));
            Assert.That(answer.Headers.GetValues("Access-Control-Allow-Headers").Single(), Does.Contain("x-supabase-api-version"));
            Assert.That(error.Headers.GetValues("Access-Control-Allow-Origin").Single(), Is.EqualTo("*"));
            Assert.That(error.Headers.GetValues("Access-Control-Expose-Headers").Single(), Does.Contain("X-Supabase-Api-Version"));
        }
    }

    [TestCase(null, false)]
    [TestCase("2023-12-31", false)]
    [TestCase("yesterday", false)]
    [TestCase("2024-01-01", true)]
    [TestCase("2031-05-06", true)]
    public async Task Shapes_errors_by_the_version_of_the_request(string? version, bool current)
    {
        using var client = Server.Connect();
        if (version is not null)
        {
            client.DefaultRequestHeaders.Add("X-Supabase-Api-Version", version);
        }

        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = "123" });

        var body = (await ExpectAsync(response, HttpStatusCode.UnprocessableEntity)).GetRawText();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(body, Is.EqualTo(current
                ? """{"code":"weak_password","message":"Password should be at least 6 characters.","weak_password":{"reasons":["length"]}}"""
                : """{"code":422,"error_code":"weak_password","msg":"Password should be at least 6 characters.","weak_password":{"reasons":["length"]}}"""));
            Assert.That(response.Headers.Contains("X-Supabase-Api-Version"), Is.EqualTo(current));
        }
    }

    [Test]
    public async Task Answers_404_in_the_same_shape_to_an_unknown_path()
    {
        using var client = Server.Connect();

        using var response = await client.GetAsync("/auth/v1/nowhere/at/all");

        await ExpectErrorAsync(response, 404, "not_found");
    }

    [Test]
    public async Task Tells_its_settings()
    {
        using var client = Server.Connect();

        using var response = await client.GetAsync("/auth/v1/settings");

        var settings = await ExpectAsync(response, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.GetProperty("external").GetProperty("email").GetBoolean(), Is.True);
            Assert.That(settings.GetProperty("external").GetProperty("anonymous_users").GetBoolean(), Is.False);
            Assert.That(settings.GetProperty("mailer_autoconfirm").GetBoolean(), Is.True);
            Assert.That(settings.GetProperty("disable_signup").GetBoolean(), Is.False);
        }
    }
}
