using System.Net;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class PhoneTests : MailTest
{
    private int _phones;

    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(auth: new AuthOptions
    {
        SecurePasswordChange = true,
        RateLimits = Slow,
        TestOtps = Enumerable.Range(0, 20).ToDictionary(number => $"49151000000{number:00}", _ => "123456"),
    });

    [SetUp]
    public Task ForgetPhonesAsync() => SharedPostgres.SqlAsync("delete from auth.users where phone is not null or phone_change <> ''");

    [Test]
    public async Task A_number_with_a_fixed_code_signs_in()
    {
        var phone = NewPhone();

        var sent = await ExpectOkAsync("otp", new { phone = "+" + phone });
        var session = await ExpectOkAsync("verify", new { type = "sms", phone, token = "123456" });

        var user = session.GetProperty("user");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sent.GetProperty("message_id").GetString(), Is.EqualTo("test-otp"));
            Assert.That(user.GetProperty("phone").GetString(), Is.EqualTo(phone));
            Assert.That(user.TryGetProperty("phone_confirmed_at", out _), Is.True);
            Assert.That(user.GetProperty("identities")[0].GetProperty("provider").GetString(), Is.EqualTo("phone"));
        }
    }

    [Test]
    public async Task A_number_signs_up_with_a_password()
    {
        var phone = NewPhone();
        await ExpectOkAsync("signup", new { phone, password = Password });

        using var early = await PostAsync("token?grant_type=password", new { phone, password = Password });
        await ExpectOkAsync("verify", new { type = "sms", phone, token = "123456" });
        var session = await ExpectOkAsync("token?grant_type=password", new { phone, password = Password });

        await ExpectErrorAsync(early, 400, "phone_not_confirmed", "Phone not confirmed");
        Assert.That(session.GetProperty("user").GetProperty("phone").GetString(), Is.EqualTo(phone));
    }

    [Test]
    public async Task A_number_counts_at_once_where_no_code_is_asked_for()
    {
        await using var server = await LocalSupabaseServer.StartAsync(auth: new AuthOptions { PhoneAutoConfirm = true });
        var phone = NewPhone();

        using var signUp = await PostAsync(server, "signup", new { phone, password = Password });
        using var again = await PostAsync(server, "signup", new { phone, password = Password });
        using var signIn = await PostAsync(server, "token?grant_type=password", new { phone, password = Password });

        var user = (await ExpectAsync(signUp, HttpStatusCode.OK)).GetProperty("user");
        await ExpectErrorAsync(again, 422, "user_already_exists");
        await ExpectAsync(signIn, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(user.TryGetProperty("phone_confirmed_at", out _), Is.True);
            Assert.That(user.GetProperty("app_metadata").GetProperty("provider").GetString(), Is.EqualTo("phone"));
            Assert.That(user.GetProperty("user_metadata").GetRawText(), Is.EqualTo("""{"phone_verified":true}"""));
        }
    }

    [Test]
    public async Task A_user_adds_a_number()
    {
        var (phone, session) = (NewPhone(), await SignUpAsync());
        using var response = await ChangeUserAsync(session, new { phone });
        var pending = await ExpectAsync(response, HttpStatusCode.OK);

        var changed = await ExpectOkAsync("verify", new { type = "phone_change", phone, token = "123456" });

        var user = changed.GetProperty("user");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pending.GetProperty("new_phone").GetString(), Is.EqualTo(phone));
            Assert.That(user.GetProperty("phone").GetString(), Is.EqualTo(phone));
            Assert.That(user.TryGetProperty("new_phone", out _), Is.False);
            Assert.That(
                user.GetProperty("app_metadata").GetProperty("providers").GetRawText(), Is.EqualTo("""["email","phone"]"""));
        }
    }

    [Test]
    public async Task A_nonce_goes_to_the_phone_of_somebody_without_an_address()
    {
        var phone = NewPhone();
        await ExpectOkAsync("otp", new { phone });
        var session = await ExpectOkAsync("verify", new { type = "sms", phone, token = "123456" });
        await SharedPostgres.SqlAsync(
            "update auth.sessions set created_at = created_at - interval '2 days' where user_id = @id", ("id", UserId(session)));
        using var client = Server.Connect(AccessToken(session));
        using var asked = await client.GetAsync("/auth/v1/reauthenticate");

        using var without = await ChangeUserAsync(session, new { password = Password });
        using var with = await ChangeUserAsync(session, new { password = Password, nonce = "123456" });

        await ExpectAsync(asked, HttpStatusCode.OK);
        await ExpectErrorAsync(without, 400, "reauthentication_needed");
        await ExpectAsync(with, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_number_of_somebody_else_is_refused()
    {
        var phone = NewPhone();
        await ExpectOkAsync("otp", new { phone });
        await ExpectOkAsync("verify", new { type = "sms", phone, token = "123456" });
        var session = await SignUpAsync();

        using var response = await ChangeUserAsync(session, new { phone });

        await ExpectErrorAsync(response, 422, "phone_exists");
    }

    [Test]
    public async Task No_message_reaches_any_other_number()
    {
        using var response = await PostAsync("otp", new { phone = "4915199999999" });

        await ExpectErrorAsync(response, 422, "sms_send_failed");
    }

    [Test]
    public async Task A_message_is_sent_again_after_a_while()
    {
        var phone = NewPhone();
        await ExpectOkAsync("otp", new { phone });

        using var early = await PostAsync("resend", new { type = "sms", phone });
        Server.Clock.Advance(Pause);
        await ExpectOkAsync("resend", new { type = "sms", phone });

        await ExpectErrorAsync(early, 429, "over_sms_send_rate_limit");
        Server.Clock.Advance(TimeSpan.FromSeconds(60));
        using var late = await PostAsync("verify", new { type = "sms", phone, token = "123456" });
        await ExpectErrorAsync(late, 403, "otp_expired");
    }

    private string NewPhone() => $"49151000000{_phones++:00}";
}
