using System.Net;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class OtpTests : MailTest
{
    [TestCase("otp")]
    [TestCase("magiclink")]
    public async Task A_known_user_gets_a_link_and_a_code(string path)
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);

        var answer = await ExpectOkAsync(path, new { email = address });

        var mail = await LetterAsync(address);
        var session = await ExpectOkAsync("verify", new { type = "email", email = address, token = mail.Token });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetRawText(), Is.EqualTo("{}"));
            Assert.That(mail.Kind, Is.EqualTo("MagicLink"));
            Assert.That(mail.Link, Does.Contain("&type=magiclink&"));
            Assert.That(Email(session), Is.EqualTo(address));
        }
    }

    [Test]
    public async Task A_magic_link_signs_in()
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        await ExpectOkAsync("otp?redirect_to=http%3A%2F%2F127.0.0.1%3A3000%2Fwelcome%3Fa%3D1", new { email = address });

        var place = await FollowAsync((await LetterAsync(address)).Link);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(place.GetLeftPart(UriPartial.Query), Is.EqualTo("http://127.0.0.1:3000/welcome?a=1"));
            Assert.That(InFragment(place, "type"), Is.EqualTo("magiclink"));
            Assert.That(await GetUserStatusAsync(InFragment(place, "access_token")!), Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task An_unknown_address_becomes_a_user_once_it_is_confirmed()
    {
        var address = NewAddress();
        await ExpectOkAsync("otp", new { email = address, data = new { nickname = "Ada" } });
        var mail = await LetterAsync(address);

        var session = await ExpectOkAsync("verify", new { type = "email", email = address, token = mail.Token });

        var metadata = session.GetProperty("user").GetProperty("user_metadata");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mail.Kind, Is.EqualTo("Confirmation"));
            Assert.That(metadata.GetProperty("nickname").GetString(), Is.EqualTo("Ada"));
            Assert.That(metadata.GetProperty("email_verified").GetBoolean(), Is.True);
        }

        using var withoutPassword = await SignInAsync(address, "");
        await ExpectErrorAsync(withoutPassword, 400, "invalid_credentials");
    }

    [Test]
    public async Task Nobody_is_created_against_the_applications_will()
    {
        var address = NewAddress();

        using var response = await PostAsync("otp", new { email = address, create_user = false });

        await ExpectErrorAsync(response, 422, "otp_disabled", "Signups not allowed for otp");
        Assert.That(await LettersAsync(address), Is.Empty);
    }

    [Test]
    public async Task Without_confirmation_a_new_user_gets_a_magic_link()
    {
        await using var server = await LocalSupabaseServer.StartAsync(autoConfirm: true);
        var address = NewAddress();
        using var client = server.Connect();

        using var response = await client.PostAsync("/auth/v1/otp", new StringContent($$"""{"email": "{{address}}"}"""));

        await ExpectAsync(response, HttpStatusCode.OK);
        Assert.That((await LetterAsync(address)).Kind, Is.EqualTo("MagicLink"));
    }

    [Test]
    public async Task A_request_for_a_mail_or_a_message_names_one_address()
    {
        using var both = await PostAsync("otp", new { email = NewAddress(), phone = "4915123456789" });
        using var none = await PostAsync("otp", new { });
        using var phone = await PostAsync("otp", new { phone = "4915123456789" });

        await ExpectErrorAsync(both, 400, "validation_failed");
        await ExpectErrorAsync(none, 400, "validation_failed");
        await ExpectErrorAsync(phone, 400, "phone_provider_disabled");
    }

    [Test]
    public async Task Nobody_new_comes_in_while_sign_ups_are_off()
    {
        await using var closed = await LocalSupabaseServer.StartAsync(disableSignup: true);
        var known = NewAddress();
        await SignUpConfirmedAsync(known);

        using var unknown = await PostAsync(closed, "otp", new { email = NewAddress() });
        using var link = await PostAsync(closed, "otp", new { email = known });

        await ExpectErrorAsync(unknown, 422, "signup_disabled");
        await ExpectAsync(link, HttpStatusCode.OK);
    }

    [TestCase("signup", 400, "Email signups are disabled")]
    [TestCase("token?grant_type=password", 422, "Email logins are disabled")]
    [TestCase("otp", 422, "Email logins are disabled")]
    public async Task Nobody_comes_in_by_mail_while_that_is_off(string path, int status, string message)
    {
        await using var closed = await LocalSupabaseServer.StartAsync(auth: new AuthOptions { EmailEnabled = false });

        using var response = await PostAsync(closed, path, new { email = NewAddress(), password = Password });

        await ExpectErrorAsync(response, status, "email_provider_disabled", message);
    }

    [Test]
    public async Task A_banned_user_is_not_let_in()
    {
        var address = NewAddress();
        var session = await SignUpConfirmedAsync(address);
        await ExpectOkAsync("otp", new { email = address });
        var mail = await LetterAsync(address);
        await SharedPostgres.SqlAsync(
            "update auth.users set banned_until = now() + interval '1 day' where id = @id", ("id", UserId(session)));

        using var response = await PostAsync("verify", new { type = "email", email = address, token = mail.Token });
        var place = await FollowAsync(mail.Link);

        await ExpectErrorAsync(response, 403, "user_banned");
        Assert.That(InFragment(place, "error_code"), Is.EqualTo("user_banned"));
    }
}
