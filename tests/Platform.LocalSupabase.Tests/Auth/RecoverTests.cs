using System.Net;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class RecoverTests : MailTest
{
    [Test]
    public async Task A_recovery_lets_the_user_set_a_new_password()
    {
        var address = NewAddress();
        var before = await SignUpConfirmedAsync(address);
        await ExpectOkAsync("recover", new { email = address });
        var mail = await LetterAsync(address);

        var session = await ExpectOkAsync("verify", new { type = "recovery", email = address, token = mail.Token });
        using var changed = await ChangeUserAsync(session, new { password = "battery staple" });

        await ExpectAsync(changed, HttpStatusCode.OK);
        using var signedIn = await SignInAsync(address, "battery staple");
        await ExpectAsync(signedIn, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mail.Kind, Is.EqualTo("Recovery"));
            Assert.That(session.GetProperty("user").TryGetProperty("recovery_sent_at", out _), Is.True);
            Assert.That(await GetUserStatusAsync(AccessToken(before)), Is.EqualTo(HttpStatusCode.Forbidden));
        }
    }

    [Test]
    public async Task A_new_password_voids_the_links_that_were_mailed_before()
    {
        var address = NewAddress();
        var session = await SignUpConfirmedAsync(address);
        await ExpectOkAsync("recover", new { email = address });
        var mail = await LetterAsync(address);
        using var changed = await ChangeUserAsync(session, new { password = "battery staple" });
        await ExpectAsync(changed, HttpStatusCode.OK);

        var place = await FollowAsync(mail.Link);

        Assert.That(InFragment(place, "error_code"), Is.EqualTo("otp_expired"));
    }

    [Test]
    public async Task A_link_is_void_once_the_address_is_no_longer_the_users()
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        await ExpectOkAsync("recover", new { email = address });
        await SharedPostgres.SqlAsync("update auth.users set email = 'x' || email where email = @email", ("email", address));

        var place = await FollowAsync((await LetterAsync(address)).Link);

        Assert.That(InFragment(place, "error_code"), Is.EqualTo("otp_expired"));
    }

    [Test]
    public async Task An_unknown_address_gets_the_answers_of_a_known_one()
    {
        var known = NewAddress();
        var unknown = NewAddress();
        await SignUpConfirmedAsync(known);
        var answers = new List<string>();

        foreach (var address in new[] { known, unknown })
        {
            using var first = await PostAsync("recover", new { email = address });
            using var second = await PostAsync("recover", new { email = address });
            var refusal = (await ExpectErrorAsync(second, 429, "over_email_send_rate_limit")).GetProperty("msg").GetString()!;
            answers.Add($"{first.StatusCode} {await first.Content.ReadAsStringAsync()} {string.Concat(refusal.Where(letter => !char.IsDigit(letter)))}");
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers[1], Is.EqualTo(answers[0]).And.StartsWith("OK {} For security purposes"));
            Assert.That(await LettersAsync(unknown), Is.Empty);
        }
    }

    [Test]
    public async Task The_time_of_the_answer_does_not_tell_what_was_found()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var response = await PostAsync("recover", new { });

        Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromMilliseconds(95)));
        await ExpectErrorAsync(response, 400, "validation_failed", "Password recovery requires an email");
    }

    [TestCase("http://127.0.0.1:5173/reset", true)]
    [TestCase("http://localhost:5173/reset", true)]
    [TestCase("https://evil.example/reset", false)]
    [TestCase("http://2130706433/reset", false)]
    [TestCase("http://127.0.0.1@evil.example/reset", false)]
    [TestCase("javascript:alert(1)", false)]
    public async Task A_link_leads_to_allowed_places_alone(string asked, bool allowed)
    {
        var address = NewAddress();
        await SignUpConfirmedAsync(address);
        await ExpectOkAsync($"recover?redirect_to={Uri.EscapeDataString(asked)}", new { email = address });

        var place = await FollowAsync((await LetterAsync(address)).Link);

        Assert.That(place.GetLeftPart(UriPartial.Path), Is.EqualTo(allowed ? asked : $"{Server.Url}/"));
    }

    [Test]
    public async Task A_link_that_was_tampered_with_leads_nowhere_else()
    {
        var place = await FollowAsync($"{Server.Url}/auth/v1/verify?token=0&type=recovery&redirect_to=https%3A%2F%2Fevil.example");

        Assert.That(place.Host, Is.EqualTo("127.0.0.1"));
    }
}
