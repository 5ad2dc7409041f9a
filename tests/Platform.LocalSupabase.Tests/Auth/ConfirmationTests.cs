using System.Net;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class ConfirmationTests : MailTest
{
    [Test]
    public async Task A_code_confirms_the_address_and_signs_in()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var mail = await LetterAsync(address);

        var session = await ExpectOkAsync("verify", new { type = "signup", email = address.ToUpperInvariant(), token = mail.Token });

        var user = session.GetProperty("user");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mail.Kind, Is.EqualTo("Confirmation"));
            Assert.That(mail.Token, Does.Match("^[0-9]{6}$"));
            Assert.That(user.GetProperty("email_confirmed_at").GetString(), Does.EndWith("Z"));
            Assert.That(user.GetProperty("user_metadata").GetProperty("email_verified").GetBoolean(), Is.True);
            Assert.That(user.GetProperty("identities")[0].GetProperty("identity_data").GetProperty("email_verified").GetBoolean(), Is.True);
            Assert.That(Part(AccessToken(session), 1).GetProperty("amr")[0].GetProperty("method").GetString(), Is.EqualTo("otp"));
        }

        using var signedIn = await SignInAsync(address);
        await ExpectAsync(signedIn, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_link_confirms_the_address_and_carries_a_session()
    {
        var address = NewAddress();
        await SignUpAsync(address);

        var place = await FollowAsync((await LetterAsync(address)).Link);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(place.GetLeftPart(UriPartial.Authority), Is.EqualTo(Server.Url));
            Assert.That(InFragment(place, "type"), Is.EqualTo("signup"));
            Assert.That(InFragment(place, "token_type"), Is.EqualTo("bearer"));
            Assert.That(InFragment(place, "expires_in"), Is.EqualTo("3600"));
            Assert.That(InFragment(place, "sb"), Is.Empty);
            Assert.That(await GetUserStatusAsync(InFragment(place, "access_token")!), Is.EqualTo(HttpStatusCode.OK));
        }

        using var refreshed = await RefreshAsync(InFragment(place, "refresh_token")!);
        await ExpectAsync(refreshed, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_token_is_good_once()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var mail = await LetterAsync(address);
        await FollowAsync(mail.Link);

        var again = await FollowAsync(mail.Link);
        using var code = await PostAsync("verify", new { type = "signup", email = address, token = mail.Token });
        using var hash = await PostAsync("verify", new { type = "signup", token_hash = HashIn(mail) });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(InFragment(again, "error"), Is.EqualTo("access_denied"));
            Assert.That(InFragment(again, "error_code"), Is.EqualTo("otp_expired"));
            Assert.That(InFragment(again, "error_description"), Is.EqualTo("Email link is invalid or has expired"));
            Assert.That(InFragment(again, "sb"), Is.Empty);
            Assert.That(again.Query, Is.Empty);
        }

        await ExpectErrorAsync(code, 403, "otp_expired", "Token has expired or is invalid");
        await ExpectErrorAsync(hash, 403, "otp_expired", "Email link is invalid or has expired");
    }

    [Test]
    public async Task Many_uses_of_one_token_at_once_give_one_session()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var hash = HashIn(await LetterAsync(address));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var response = await PostAsync("verify", new { type = "email", token_hash = hash });
            return response.StatusCode;
        }));

        Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(1), string.Join(' ', answers));
    }

    [Test]
    public async Task A_token_ends_with_its_time()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var mail = await LetterAsync(address);
        Server.Clock.Advance(TimeSpan.FromSeconds(3601));

        using var late = await PostAsync("verify", new { type = "signup", email = address, token = mail.Token });

        await ExpectErrorAsync(late, 403, "otp_expired");
        using var signIn = await SignInAsync(address);
        await ExpectErrorAsync(signIn, 400, "email_not_confirmed");
    }

    [TestCase("wrong code")]
    [TestCase("unknown address")]
    [TestCase("other type")]
    [TestCase("somebody else's code")]
    public async Task Anything_else_is_refused_in_the_same_words(string how)
    {
        var address = NewAddress();
        var other = NewAddress();
        await SignUpAsync(address);
        await SignUpAsync(other);
        var code = (await LetterAsync(address)).Token;
        object request = how switch
        {
            "wrong code" => new { type = "signup", email = address, token = code == "123456" ? "654321" : "123456" },
            "unknown address" => new { type = "signup", email = NewAddress(), token = code },
            "other type" => new { type = "recovery", email = address, token = code },
            _ => new { type = "signup", email = address, token = (await LetterAsync(other)).Token + "0" },
        };

        using var response = await PostAsync("verify", request);

        await ExpectErrorAsync(response, 403, "otp_expired", "Token has expired or is invalid");
    }

    [TestCase("""{"email": "a@example.com", "token": "123456"}""", "Verify requires a verification type")]
    [TestCase("""{"type": "galaxy", "email": "a@example.com", "token": "123456"}""", "Invalid verification type")]
    [TestCase("""{"type": "signup", "email": "a@example.com"}""", "Verify requires either a token or a token hash")]
    [TestCase("""{"type": "signup", "token": "1", "token_hash": "2"}""", "Verify requires either a token or a token hash")]
    [TestCase("""{"type": "signup", "email": "a@example.com", "token_hash": "2"}""", "Only the token_hash and type should be provided")]
    [TestCase("""{"type": "signup", "token": "1"}""", "Only an email address or phone number should be provided on verify")]
    [TestCase("""{"type": "sms", "phone": "abc", "token": "1"}""", "Invalid phone number format (E.164 required)")]
    public async Task A_request_that_makes_no_sense_is_told_so(string body, string message)
    {
        using var client = Server.Connect();
        using var content = new StringContent(body);

        using var response = await client.PostAsync("/auth/v1/verify", content);

        await ExpectErrorAsync(response, 400, "validation_failed", message);
    }

    [Test]
    public async Task A_confirmation_is_sent_again_and_the_first_is_void()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var first = await LetterAsync(address);

        using var early = await PostAsync("resend", new { type = "signup", email = address });
        Server.Clock.Advance(Pause);
        await ExpectOkAsync("resend", new { type = "signup", email = address });

        var second = await LetterAsync(address);
        using var response = await PostAsync("verify", new { type = "signup", token_hash = HashIn(first) });
        var error = await ExpectErrorAsync(early, 429, "over_email_send_rate_limit");
        Assert.That(
            error.GetProperty("msg").GetString(), Does.Match("^For security purposes, you can only request this after [0-9]+ seconds\\.$"));
        await ExpectErrorAsync(response, 403, "otp_expired");
        await ExpectOkAsync("verify", new { type = "signup", token_hash = HashIn(second) });
    }

    [Test]
    public async Task A_taken_address_gets_no_mail_and_the_answer_does_not_tell()
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        Server.Clock.Advance(Pause);

        await SignUpAsync(address);
        using var twice = await PostAsync("signup", new { email = address, password = Password });
        using var resend = await PostAsync("resend", new { type = "signup", email = NewAddress() });

        Assert.That(await LettersAsync(address), Has.Length.EqualTo(1));
        await ExpectErrorAsync(twice, 429, "over_email_send_rate_limit");
        await ExpectAsync(resend, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_type_to_resend_is_required()
    {
        using var missing = await PostAsync("resend", new { email = NewAddress() });
        using var address = await PostAsync("resend", new { type = "signup" });

        await ExpectErrorAsync(missing, 400, "validation_failed", "Missing one of these types: signup, email_change, sms, phone_change");
        await ExpectErrorAsync(address, 400, "validation_failed", "Type provided requires an email address");
    }

    [Test]
    public async Task The_database_holds_the_hash_of_the_code_alone()
    {
        var address = NewAddress();
        await SignUpAsync(address);
        var mail = await LetterAsync(address);

        var stored = await SharedPostgres.SqlAsync(
            """
            select u.confirmation_token || ' ' || t.token_hash || ' ' || t.relates_to || ' ' || encode(sha224(convert_to(@email || @code, 'UTF8')), 'hex')
            from auth.users u join auth.one_time_tokens t on t.user_id = u.id where u.email = @email
            """,
            ("email", address), ("code", mail.Token));

        Assert.That(stored, Is.EqualTo($"{HashIn(mail)} {HashIn(mail)} {address} {HashIn(mail)}"));
    }
}
