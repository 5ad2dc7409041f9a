using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class PasswordGrantTests : AuthTest
{
    [Test]
    public async Task Stores_where_the_session_came_from()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("journey/1.0");

        using var response = await client.PostAsJsonAsync(
            "/auth/v1/token?grant_type=password", new { email = Email(session), password = Password });

        var signedIn = await ExpectAsync(response, HttpStatusCode.OK);
        var id = Part(AccessToken(signedIn), 1).GetProperty("session_id").GetGuid();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await SharedPostgres.SqlAsync("select user_agent from auth.sessions where id = @id", ("id", id)), Is.EqualTo("journey/1.0"));
            Assert.That(await SharedPostgres.SqlAsync("select host(ip) from auth.sessions where id = @id", ("id", id)), Is.EqualTo("127.0.0.1"));
            Assert.That(signedIn.GetProperty("user").GetProperty("last_sign_in_at").GetString(), Is.Not.Empty);
            Assert.That(response.Headers.CacheControl?.NoStore, Is.True);
        }
    }

    [TestCase("""{"email": "nobody@example.com", "password": "123456"}""", 400, "invalid_credentials")]
    [TestCase("""{"email": "nobody@example.com"}""", 400, "invalid_credentials")]
    [TestCase("""{"password": "123456"}""", 400, "validation_failed")]
    [TestCase("""{"email": "a@example.com", "phone": "49", "password": "123456"}""", 400, "validation_failed")]
    public async Task Refuses_what_does_not_fit(string body, int status, string code)
    {
        using var client = Server.Connect();
        using var content = new StringContent(body);

        using var response = await client.PostAsync("/auth/v1/token?grant_type=password", content);

        await ExpectErrorAsync(response, status, code);
    }

    [Test]
    public async Task Refuses_an_unknown_grant()
    {
        using var client = Server.Connect();

        using var response = await client.PostAsJsonAsync("/auth/v1/token?grant_type=magic", new { });

        await ExpectErrorAsync(response, 400, "invalid_credentials", "unsupported_grant_type");
    }

    [Test]
    public async Task Takes_as_long_for_an_unknown_user_as_for_a_wrong_password()
    {
        var session = await SignUpAsync();

        var unknown = await FastestAsync(NewAddress());
        var wrong = await FastestAsync(Email(session));

        // A hash takes most of the answer's time; without it the answer would come in a small part of it.
        Assert.That(unknown, Is.GreaterThan(wrong / 2));
    }

    private async Task<TimeSpan> FastestAsync(string email)
    {
        var fastest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var started = Stopwatch.GetTimestamp();
            using var response = await SignInAsync(email, "wrong horse");
            var elapsed = Stopwatch.GetElapsedTime(started);
            fastest = elapsed < fastest ? elapsed : fastest;
        }

        return fastest;
    }
}
