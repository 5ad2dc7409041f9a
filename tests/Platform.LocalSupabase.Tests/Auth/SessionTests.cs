using System.Net;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Sessions;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class SessionTests : AuthTest
{
    [Test]
    public async Task Remembers_the_device_the_address_and_the_last_use()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
        using var response = await client.PostAsync(
            "/auth/v1/token?grant_type=refresh_token", new StringContent($$"""{"refresh_token":"{{RefreshToken(session)}}"}"""));
        await ExpectAsync(response, HttpStatusCode.OK);

        var row = await SharedPostgres.SqlAsync(
            """
            select user_agent || ' ' || host(ip) || ' ' || (refreshed_at is not null and refreshed_at > created_at at time zone 'utc')
            from auth.sessions where id = @id
            """,
            ("id", SessionId(session)));

        Assert.That(row, Is.EqualTo("tests/1.0 127.0.0.1 true"));
    }

    [TestCase("", false, false)]
    [TestCase("?scope=global", false, false)]
    [TestCase("?scope=local", false, true)]
    [TestCase("?scope=others", true, false)]
    public async Task Signs_out_as_far_as_the_scope_says(string query, bool ownSurvives, bool othersSurvive)
    {
        var own = await SignUpAsync();
        using var signIn = await SignInAsync(Email(own));
        var other = await ExpectAsync(signIn, HttpStatusCode.OK);
        using var client = Server.Connect(AccessToken(own));

        using var response = await client.PostAsync($"/auth/v1/logout{query}", null);

        await ExpectAsync(response, HttpStatusCode.NoContent);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GetUserStatusAsync(AccessToken(own)), Is.EqualTo(ownSurvives ? HttpStatusCode.OK : HttpStatusCode.Forbidden));
            Assert.That(await GetUserStatusAsync(AccessToken(other)), Is.EqualTo(othersSurvive ? HttpStatusCode.OK : HttpStatusCode.Forbidden));
        }
    }

    [Test]
    public async Task Ends_at_its_time_box()
    {
        await ExpectEndedAsync(
            new AuthSessionOptions { Timebox = TimeSpan.FromHours(2) }, "Invalid Refresh Token: Session Expired", TimeSpan.FromHours(1), TimeSpan.FromHours(1.1));
    }

    [Test]
    public async Task Ends_when_nobody_refreshes_it()
    {
        await ExpectEndedAsync(
            new AuthSessionOptions { InactivityTimeout = TimeSpan.FromHours(2) }, "Invalid Refresh Token: Session Expired (Inactivity)",
            TimeSpan.FromHours(1.5), TimeSpan.FromHours(2.1));
    }

    [Test]
    public async Task Ends_with_a_newer_sign_in_where_a_user_may_have_one()
    {
        await using var server = await LocalSupabaseServer.StartAsync(setup: new ServerSetup { Sessions = new AuthSessionOptions { SinglePerUser = true } });
        var first = await SignUpAsync();
        using var signIn = await SignInAsync(Email(first));
        var second = await ExpectAsync(signIn, HttpStatusCode.OK);

        using var older = await RefreshOnAsync(server, RefreshToken(first));
        using var newer = await RefreshOnAsync(server, RefreshToken(second));

        await ExpectErrorAsync(older, 400, "session_expired", "Invalid Refresh Token: Session Expired (Revoked by Newer Login)");
        await ExpectAsync(newer, HttpStatusCode.OK);
    }

    [Test]
    public async Task Ends_at_the_first_level_when_its_user_has_a_second_factor()
    {
        await using var server = await LocalSupabaseServer.StartAsync(
            setup: new ServerSetup { Sessions = new AuthSessionOptions { AllowLowAal = TimeSpan.FromMinutes(10) } });
        var without = await SignUpAsync();
        var with = await SignUpAsync();
        await SharedPostgres.SqlAsync(
            """
            insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at, secret)
            values (gen_random_uuid(), @user, 'totp', 'verified', now(), now(), 'JBSWY3DPEHPK3PXP')
            """,
            ("user", UserId(with)));
        server.Clock.Advance(TimeSpan.FromMinutes(11));

        using var alive = await RefreshOnAsync(server, RefreshToken(without));
        using var ended = await RefreshOnAsync(server, RefreshToken(with));

        await ExpectAsync(alive, HttpStatusCode.OK);
        await ExpectErrorAsync(
            ended, 400, "session_expired", "Invalid Refresh Token: Session Expired (Low AAL: User Needs MFA Verification)");
    }

    /// <summary>The first pause leaves the session alive, the second ends it.</summary>
    private static async Task ExpectEndedAsync(AuthSessionOptions options, string message, TimeSpan survived, TimeSpan ending)
    {
        await using var server = await LocalSupabaseServer.StartAsync(setup: new ServerSetup { Sessions = options });
        using var client = server.Connect();
        using var signUp = await client.PostAsync(
            "/auth/v1/signup", new StringContent($$"""{"email":"{{NewAddress()}}","password":"{{Password}}"}"""));
        var first = await ExpectAsync(signUp, HttpStatusCode.OK);

        server.Clock.Advance(survived);
        using var alive = await RefreshOnAsync(server, RefreshToken(first));
        var second = await ExpectAsync(alive, HttpStatusCode.OK);
        server.Clock.Advance(ending);
        using var ended = await RefreshOnAsync(server, RefreshToken(second));

        await ExpectErrorAsync(ended, 400, "session_expired", message);
    }

    private static async Task<HttpResponseMessage> RefreshOnAsync(LocalSupabaseServer server, string token)
    {
        using var client = server.Connect();
        return await client.PostAsync(
            "/auth/v1/token?grant_type=refresh_token", new StringContent($$"""{"refresh_token":"{{token}}"}"""));
    }

    private static Guid SessionId(JsonElement session) => Part(AccessToken(session), 1).GetProperty("session_id").GetGuid();
}
