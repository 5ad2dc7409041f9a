using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using Platform.LocalSupabase.Auth.Mfa;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class MfaTests : AuthTest
{
    [Test]
    public async Task Enrols_with_a_secret_a_uri_and_a_picture_of_it()
    {
        var session = await SignUpAsync();

        var factor = await EnrolAsync(session, new { factor_type = "totp", friendly_name = "phone", issuer = "My App" });

        var totp = factor.GetProperty("totp");
        var secret = totp.GetProperty("secret").GetString()!;
        var picture = totp.GetProperty("qr_code").GetString()!;
        var user = await UserAsync(session);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(factor.GetProperty("type").GetString(), Is.EqualTo("totp"));
            Assert.That(factor.GetProperty("friendly_name").GetString(), Is.EqualTo("phone"));
            Assert.That(secret, Does.Match("^[A-Z2-7]{32}$"));
            Assert.That(
                totp.GetProperty("uri").GetString(),
                Is.EqualTo($"otpauth://totp/My%20App:{Uri.EscapeDataString(Email(session))}?algorithm=SHA1&digits=6&issuer=My%20App&period=30&secret={secret}"));
            Assert.That(XDocument.Parse(picture).Root!.Name.LocalName, Is.EqualTo("svg"));
            Assert.That(picture, Does.Not.Contain("#"), "it would end the data URL that clients make of it");
            Assert.That(user.GetProperty("factors")[0].GetProperty("status").GetString(), Is.EqualTo("unverified"));
            Assert.That(user.GetRawText(), Does.Not.Contain(secret));
        }
    }

    [Test]
    public async Task Raises_the_session_with_the_right_code_and_ends_the_others()
    {
        var session = await SignUpAsync();
        using var signIn = await SignInAsync(Email(session));
        var other = await ExpectAsync(signIn, HttpStatusCode.OK);
        var (id, app) = await EnrolledAsync(session);
        await EnrolAsync(session, new { factor_type = "totp", friendly_name = "never finished" });

        var raised = await VerifyAsync(session, id, app.Code());

        var before = Part(AccessToken(session), 1);
        var claims = Part(AccessToken(raised), 1);
        using var stale = await RefreshAsync(RefreshToken(session));
        using var refreshed = await RefreshAsync(RefreshToken(raised));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(before.GetProperty("aal").GetString(), Is.EqualTo("aal1"));
            Assert.That(claims.GetProperty("aal").GetString(), Is.EqualTo("aal2"));
            Assert.That(claims.GetProperty("session_id").GetString(), Is.EqualTo(before.GetProperty("session_id").GetString()));
            Assert.That(Methods(claims), Is.EquivalentTo(["totp", "password"]));
            Assert.That(await GetUserStatusAsync(AccessToken(other)), Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(stale.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "a token from before must not lead to aal2");
            Assert.That(Part(AccessToken(await ExpectAsync(refreshed, HttpStatusCode.OK)), 1).GetProperty("aal").GetString(), Is.EqualTo("aal2"));
            Assert.That(raised.GetProperty("user").GetProperty("factors").GetArrayLength(), Is.EqualTo(1));
            Assert.That(raised.GetProperty("user").GetProperty("factors")[0].GetProperty("status").GetString(), Is.EqualTo("verified"));
        }
    }

    [TestCase(-1, true)]
    [TestCase(1, true)]
    [TestCase(-3, false)]
    [TestCase(3, false)]
    public async Task Forgives_one_period_of_skew(int periods, bool accepted)
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);

        using var response = await TryVerifyAsync(session, id, app.Code(periods));

        if (accepted)
        {
            await ExpectAsync(response, HttpStatusCode.OK);
        }
        else
        {
            await ExpectErrorAsync(response, 422, "mfa_verification_failed", "Invalid TOTP code entered");
        }
    }

    [Test]
    public async Task Takes_a_code_once_even_from_two_at_once()
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);
        var code = app.Code();
        var challenges = new List<string>();
        for (var index = 0; index < 5; index++)
        {
            challenges.Add(await ChallengeAsync(session, id));
        }

        var answers = await Task.WhenAll(challenges.Select(challenge => TryVerifyAsync(session, id, code, challenge)));
        var earlier = await ChallengeAsync(session, id);
        using var older = await TryVerifyAsync(session, id, app.Code(-1), earlier);

        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), Is.EqualTo(1));
        await ExpectErrorAsync(older, 422, "mfa_verification_failed");
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Test]
    public async Task Refuses_a_late_a_foreign_and_a_used_challenge()
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);
        var used = await ChallengeAsync(session, id);
        var raised = await VerifyAsync(session, id, app.Code(-1), used);
        var late = await ChallengeAsync(raised, id);

        using var again = await TryVerifyAsync(raised, id, app.Code(), used);
        using var unknown = await TryVerifyAsync(raised, id, app.Code(), Guid.CreateVersion7().ToString());
        Server.Clock.Advance(TimeSpan.FromSeconds(301));
        using var expired = await TryVerifyAsync(raised, id, app.Code(), late);

        await ExpectErrorAsync(again, 422, "mfa_challenge_expired");
        await ExpectErrorAsync(unknown, 422, "mfa_factor_not_found");
        await ExpectErrorAsync(expired, 422, "mfa_challenge_expired");
    }

    [Test]
    public async Task Slows_down_whoever_guesses()
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);
        var challenge = await ChallengeAsync(session, id);
        for (var attempt = 0; attempt < 14; attempt++)
        {
            using var wrong = await TryVerifyAsync(session, id, app.WrongCode(), challenge);
            await ExpectErrorAsync(wrong, 422, "mfa_verification_failed");
        }

        using var tooMany = await TryVerifyAsync(session, id, app.Code(), challenge);
        await ExpectErrorAsync(tooMany, 429, "over_request_rate_limit", "Request rate limit reached");
        Server.Clock.Advance(TimeSpan.FromSeconds(61));
        using var later = await TryVerifyAsync(session, id, app.Code(), challenge);

        await ExpectAsync(later, HttpStatusCode.OK);
    }

    [Test]
    public async Task Asks_for_the_second_level_before_factors_change()
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);
        var raised = await VerifyAsync(session, id, app.Code());
        using var signIn = await SignInAsync(Email(session));
        var low = await ExpectAsync(signIn, HttpStatusCode.OK);
        using var client = Server.Connect(AccessToken(low));

        using var enrol = await client.PostAsJsonAsync("/auth/v1/factors", new { factor_type = "totp", friendly_name = "second" });
        using var unenrol = await client.DeleteAsync($"/auth/v1/factors/{id}");

        await ExpectErrorAsync(enrol, 403, "insufficient_aal");
        await ExpectErrorAsync(unenrol, 422, "insufficient_aal", "AAL2 required to unenroll verified factor");
        Assert.That(await GetUserStatusAsync(AccessToken(raised)), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Lowers_the_session_when_its_factor_is_removed()
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);
        var raised = await VerifyAsync(session, id, app.Code());
        using var client = Server.Connect(AccessToken(raised));

        using var response = await client.DeleteAsync($"/auth/v1/factors/{id}");

        Assert.That((await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("id").GetString(), Is.EqualTo(id));
        using var refreshed = await RefreshAsync(RefreshToken(raised));
        var claims = Part(AccessToken(await ExpectAsync(refreshed, HttpStatusCode.OK)), 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(claims.GetProperty("aal").GetString(), Is.EqualTo("aal1"));
            Assert.That(Methods(claims), Is.EqualTo(["password"]));
            Assert.That((await UserAsync(raised)).TryGetProperty("factors", out _), Is.False);
        }
    }

    [Test]
    public async Task Keeps_other_peoples_factors_out_of_reach()
    {
        var (id, app) = await EnrolledAsync(await SignUpAsync());
        var stranger = await SignUpAsync();
        using var client = Server.Connect(AccessToken(stranger));

        using var challenge = await client.PostAsync($"/auth/v1/factors/{id}/challenge", null);
        using var verify = await TryVerifyAsync(stranger, id, app.Code(), Guid.CreateVersion7().ToString());
        using var unenrol = await client.DeleteAsync($"/auth/v1/factors/{id}");

        await ExpectErrorAsync(challenge, 404, "mfa_factor_not_found");
        await ExpectErrorAsync(verify, 404, "mfa_factor_not_found");
        await ExpectErrorAsync(unenrol, 404, "mfa_factor_not_found");
    }

    [TestCase("phone", 422, "mfa_phone_enroll_not_enabled")]
    [TestCase("webauthn", 422, "mfa_webauthn_enroll_not_enabled")]
    [TestCase("carrier pigeon", 400, "validation_failed")]
    public async Task Refuses_other_kinds(string kind, int status, string code)
    {
        using var client = Server.Connect(AccessToken(await SignUpAsync()));

        using var response = await client.PostAsJsonAsync("/auth/v1/factors", new { factor_type = kind });

        await ExpectErrorAsync(response, status, code);
    }

    [Test]
    public async Task Refuses_a_name_twice_and_too_many_factors()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));
        for (var index = 0; index < 10; index++)
        {
            await EnrolAsync(session, new { factor_type = "totp", friendly_name = $"factor {index}" });
            if (index == 0)
            {
                using var taken = await client.PostAsJsonAsync("/auth/v1/factors", new { factor_type = "totp", friendly_name = "factor 0" });
                await ExpectErrorAsync(taken, 422, "mfa_factor_name_conflict");
            }
        }

        using var response = await client.PostAsJsonAsync("/auth/v1/factors", new { factor_type = "totp", friendly_name = "one more" });
        await ExpectErrorAsync(response, 422, "too_many_enrolled_mfa_factors");
        Server.Clock.Advance(TimeSpan.FromSeconds(301));

        await EnrolAsync(session, new { factor_type = "totp", friendly_name = "once the others have expired" });
        Assert.That((await UserAsync(session)).GetProperty("factors").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Can_be_switched_off()
    {
        await using var server = await LocalSupabaseServer.StartAsync(
            setup: new ServerSetup { Mfa = new MfaOptions { TotpEnrollEnabled = false, TotpVerifyEnabled = false } });
        using var anonymous = server.Connect();
        using var signUp = await anonymous.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = Password });
        using var client = server.Connect(AccessToken(await ExpectAsync(signUp, HttpStatusCode.OK)));

        using var enrol = await client.PostAsJsonAsync("/auth/v1/factors", new { factor_type = "totp" });
        using var challenge = await client.PostAsync($"/auth/v1/factors/{Guid.CreateVersion7()}/challenge", null);

        await ExpectErrorAsync(enrol, 422, "mfa_totp_enroll_not_enabled");
        await ExpectErrorAsync(challenge, 422, "mfa_totp_verify_not_enabled");
    }

    [Test]
    public async Task Lets_an_administrator_list_rename_and_remove_factors()
    {
        var session = await SignUpAsync();
        var (id, app) = await EnrolledAsync(session);
        var raised = await VerifyAsync(session, id, app.Code());
        using var admin = Server.Connect(Server.ServiceRoleKey);
        var path = $"/auth/v1/admin/users/{UserId(session)}/factors";

        using var list = await admin.GetAsync(path);
        using var rename = await admin.PutAsJsonAsync($"{path}/{id}", new { friendly_name = "renamed" });
        using var remove = await admin.DeleteAsync($"{path}/{id}");
        using var gone = await admin.DeleteAsync($"{path}/{id}");
        using var asUser = await Server.Connect(AccessToken(raised)).GetAsync(path);

        Assert.That((await ExpectAsync(list, HttpStatusCode.OK))[0].GetProperty("id").GetString(), Is.EqualTo(id));
        Assert.That((await ExpectAsync(rename, HttpStatusCode.OK)).GetProperty("friendly_name").GetString(), Is.EqualTo("renamed"));
        Assert.That((await ExpectAsync(remove, HttpStatusCode.OK)).GetProperty("id").GetString(), Is.EqualTo(id));
        await ExpectErrorAsync(gone, 404, "mfa_factor_not_found");
        await ExpectErrorAsync(asUser, 403, "not_admin");
    }

    private async Task<(string Id, Authenticator App)> EnrolledAsync(JsonElement session)
    {
        var factor = await EnrolAsync(session, new { factor_type = "totp" });
        return (factor.GetProperty("id").GetString()!, new Authenticator(factor.GetProperty("totp").GetProperty("secret").GetString()!, Server.Clock));
    }

    private async Task<JsonElement> EnrolAsync(JsonElement session, object request)
    {
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.PostAsJsonAsync("/auth/v1/factors", request);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private async Task<string> ChallengeAsync(JsonElement session, string factorId)
    {
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.PostAsync($"/auth/v1/factors/{factorId}/challenge", null);
        var challenge = await ExpectAsync(response, HttpStatusCode.OK);
        var expiry = challenge.GetProperty("expires_at").GetInt64() - Server.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.That(expiry, Is.InRange(290, 300));
        return challenge.GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> VerifyAsync(JsonElement session, string factorId, string code, string? challengeId = null)
    {
        using var response = await TryVerifyAsync(session, factorId, code, challengeId);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> TryVerifyAsync(JsonElement session, string factorId, string code, string? challengeId = null)
    {
        challengeId ??= await ChallengeAsync(session, factorId);
        using var client = Server.Connect(AccessToken(session));
        return await client.PostAsJsonAsync($"/auth/v1/factors/{factorId}/verify", new { challenge_id = challengeId, code });
    }

    private async Task<JsonElement> UserAsync(JsonElement session)
    {
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.GetAsync("/auth/v1/user");
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private static IEnumerable<string> Methods(JsonElement claims) =>
        claims.GetProperty("amr").EnumerateArray().Select(entry => entry.GetProperty("method").GetString()!);
}
