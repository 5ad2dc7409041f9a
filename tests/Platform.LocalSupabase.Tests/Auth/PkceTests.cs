using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class PkceTests : MailTest
{
    private const string Verifier = "a-verifier-of-the-tests-that-is-long-enough-0123456789";

    [TestCase("otp", "magiclink")]
    [TestCase("magiclink", "magiclink")]
    [TestCase("recover", "recovery")]
    public async Task A_link_ends_in_a_code_that_the_verifier_turns_into_a_session(string path, string method)
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        await ExpectOkAsync(path, new { email = address, code_challenge = Challenge(), code_challenge_method = "s256" });
        var mail = await LetterAsync(address);

        var place = await FollowAsync(mail.Link);
        var session = await ExpectOkAsync("token?grant_type=pkce", new { auth_code = InQuery(place, "code"), code_verifier = Verifier });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(HashIn(mail), Does.StartWith("pkce_"));
            Assert.That(place.Fragment, Is.Empty);
            Assert.That(Email(session), Is.EqualTo(address));
            Assert.That(Part(AccessToken(session), 1).GetProperty("amr")[0].GetProperty("method").GetString(), Is.EqualTo(method));
        }
    }

    [TestCase("S256", true)]
    [TestCase("plain", false)]
    public async Task A_sign_up_ends_in_a_code(string method, bool hashed)
    {
        var address = NewAddress();
        await ExpectOkAsync(
            "signup",
            new { email = address, password = Password, code_challenge = hashed ? Challenge() : Verifier, code_challenge_method = method });

        var place = await FollowAsync((await LetterAsync(address)).Link);
        var session = await ExpectOkAsync("token?grant_type=pkce", new { auth_code = InQuery(place, "code"), code_verifier = Verifier });

        Assert.That(Part(AccessToken(session), 1).GetProperty("amr")[0].GetProperty("method").GetString(), Is.EqualTo("email/signup"));
    }

    [Test]
    public async Task An_email_change_ends_in_a_code_after_both_agreed()
    {
        var (address, next) = (NewAddress(), NewAddress());
        var session = await SignUpConfirmedAsync(address);
        using var response = await ChangeUserAsync(
            session, new { email = next, code_challenge = Challenge(), code_challenge_method = "s256" });
        await ExpectAsync(response, HttpStatusCode.OK);

        await FollowAsync((await LetterAsync(address)).Link);
        var place = await FollowAsync((await LetterAsync(next)).Link);
        var changed = await ExpectOkAsync("token?grant_type=pkce", new { auth_code = InQuery(place, "code"), code_verifier = Verifier });

        Assert.That(Email(changed), Is.EqualTo(next));
    }

    [Test]
    public async Task A_code_of_the_mail_needs_no_verifier()
    {
        var address = NewAddress();
        await ExpectOkAsync("otp", new { email = address, code_challenge = Challenge(), code_challenge_method = "s256" });

        var session = await ExpectOkAsync("verify", new { type = "email", email = address, token = (await LetterAsync(address)).Token });

        Assert.That(Email(session), Is.EqualTo(address));
    }

    [Test]
    public async Task A_code_is_good_once_even_for_many_at_once()
    {
        var code = await CodeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var response = await TradeAsync(code, Verifier);
            return response.StatusCode;
        }));

        Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(1), string.Join(' ', answers));
        using var again = await TradeAsync(code, Verifier);
        await ExpectErrorAsync(again, 404, "flow_state_not_found");
    }

    [Test]
    public async Task A_wrong_verifier_gets_nothing()
    {
        var code = await CodeAsync();

        using var wrong = await TradeAsync(code, Verifier + "0");
        using var none = await TradeAsync(code, "");

        await ExpectErrorAsync(wrong, 400, "bad_code_verifier", "code challenge does not match previously saved code verifier");
        await ExpectErrorAsync(none, 400, "validation_failed");
        using var right = await TradeAsync(code, Verifier);
        await ExpectAsync(right, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_code_ends_five_minutes_after_the_click()
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        await ExpectOkAsync("otp", new { email = address, code_challenge = Challenge(), code_challenge_method = "s256" });
        Server.Clock.Advance(TimeSpan.FromMinutes(30));
        var place = await FollowAsync((await LetterAsync(address)).Link);
        Server.Clock.Advance(TimeSpan.FromMinutes(5));

        using var late = await TradeAsync(InQuery(place, "code")!, Verifier);

        await ExpectErrorAsync(late, 422, "flow_state_expired");
    }

    [Test]
    public async Task A_code_is_worth_nothing_before_the_click()
    {
        var address = NewAddress();
        await ExpectOkAsync("otp", new { email = address, code_challenge = Challenge(), code_challenge_method = "s256" });
        var code = await SharedPostgres.SqlAsync(
            "select f.auth_code from auth.flow_state f join auth.users u on u.id = f.user_id where u.email = @email", ("email", address));

        using var early = await TradeAsync((string)code!, Verifier);

        await ExpectErrorAsync(early, 404, "flow_state_not_found");
    }

    [Test]
    public async Task A_link_that_failed_says_so_in_the_query_too()
    {
        var place = await FollowAsync($"{Server.Url}/auth/v1/verify?token=pkce_0&type=magiclink");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(InQuery(place, "error_code"), Is.EqualTo("otp_expired"));
            Assert.That(InQuery(place, "error"), Is.EqualTo("access_denied"));
            Assert.That(InFragment(place, "error_code"), Is.EqualTo("otp_expired"));
        }
    }

    [TestCase(null, "s256", "PKCE flow requires code_challenge_method and code_challenge")]
    [TestCase(Verifier, null, "PKCE flow requires code_challenge_method and code_challenge")]
    [TestCase("short", "s256", "code challenge has to be between 43 and 128 characters")]
    [TestCase(Verifier, "s512", "unsupported code_challenge method: the method must be s256 or plain")]
    public async Task A_challenge_that_makes_no_sense_is_refused(string? challenge, string? method, string message)
    {
        using var response = await PostAsync(
            "otp", new { email = NewAddress(), code_challenge = challenge, code_challenge_method = method });

        await ExpectErrorAsync(response, 400, "validation_failed", message);
    }

    private static string Challenge() => Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(Verifier)));

    private async Task<string> CodeAsync()
    {
        var address = NewAddress();
        await ExpectOkAsync("otp", new { email = address, code_challenge = Challenge(), code_challenge_method = "s256" });
        return InQuery(await FollowAsync((await LetterAsync(address)).Link), "code")!;
    }

    private Task<HttpResponseMessage> TradeAsync(string code, string verifier) =>
        PostAsync("token?grant_type=pkce", new { auth_code = code, code_verifier = verifier });
}
