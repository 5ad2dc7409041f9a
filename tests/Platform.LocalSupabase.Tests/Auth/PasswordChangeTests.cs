using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class PasswordChangeTests : MailTest
{
    internal override Task<LocalSupabaseServer> StartAsync() =>
        LocalSupabaseServer.StartAsync(auth: new AuthOptions { SecurePasswordChange = true });

    [Test]
    public async Task A_fresh_session_needs_no_nonce()
    {
        var session = await SignUpAsync();

        using var response = await ChangeUserAsync(session, new { password = "battery staple" });

        await ExpectAsync(response, HttpStatusCode.OK);
    }

    [Test]
    public async Task An_old_session_needs_the_mailed_nonce()
    {
        var address = NewAddress();
        var session = await OldSessionAsync(address);
        await ReauthenticateAsync(session);
        var mail = await LetterAsync(address);

        using var without = await ChangeUserAsync(session, new { password = "battery staple" });
        using var wrong = await ChangeUserAsync(session, new { password = "battery staple", nonce = mail.Token + "0" });
        using var right = await ChangeUserAsync(session, new { password = "battery staple", nonce = mail.Token });
        using var again = await ChangeUserAsync(session, new { password = "another staple", nonce = mail.Token });

        Assert.That(mail.Kind, Is.EqualTo("Reauthentication"));
        await ExpectErrorAsync(without, 400, "reauthentication_needed", "Password update requires reauthentication");
        await ExpectErrorAsync(wrong, 422, "reauthentication_not_valid", "Nonce has expired or is invalid");
        await ExpectAsync(right, HttpStatusCode.OK);
        await ExpectErrorAsync(again, 422, "reauthentication_not_valid");
    }

    [Test]
    public async Task A_nonce_ends_with_its_time()
    {
        var address = NewAddress();
        var session = await OldSessionAsync(address);
        await ReauthenticateAsync(session);
        var mail = await LetterAsync(address);
        await SharedPostgres.SqlAsync(
            "update auth.users set reauthentication_sent_at = reauthentication_sent_at - interval '1 hour' where email = @email", ("email", address));

        using var response = await ChangeUserAsync(session, new { password = "battery staple", nonce = mail.Token });

        await ExpectErrorAsync(response, 422, "reauthentication_not_valid");
    }

    private async Task<JsonElement> OldSessionAsync(string address)
    {
        var session = await SignUpAsync(address);
        await SharedPostgres.SqlAsync(
            "update auth.sessions set created_at = created_at - interval '2 days' where user_id = @id", ("id", UserId(session)));
        return session;
    }

    private async Task ReauthenticateAsync(JsonElement session)
    {
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.GetAsync("/auth/v1/reauthenticate");
        Assert.That((await ExpectAsync(response, HttpStatusCode.OK)).GetRawText(), Is.EqualTo("{}"));
    }
}

public sealed class PasswordRulesTests : MailTest
{
    internal override Task<LocalSupabaseServer> StartAsync() => LocalSupabaseServer.StartAsync(auth: new AuthOptions
    {
        MinPasswordLength = 8,
        PasswordRequirements = "lower_upper_letters_digits",
        RequireCurrentPassword = true,
    });

    private const string Strong = "Correct1horse";

    [TestCase("short", new[] { "length", "characters" })]
    [TestCase("Sh0rt", new[] { "length" })]
    [TestCase("only lower case", new[] { "characters" })]
    public async Task A_weak_password_is_refused_with_its_reasons(string password, string[] reasons)
    {
        using var response = await PostAsync("signup", new { email = NewAddress(), password });

        var error = await ExpectErrorAsync(response, 422, "weak_password");
        Assert.That(error.GetProperty("weak_password").GetProperty("reasons").Deserialize<string[]>(), Is.EqualTo(reasons));
    }

    [Test]
    public async Task The_reasons_stand_in_the_newer_shape_too()
    {
        using var client = Server.Connect();
        client.DefaultRequestHeaders.Add("x-supabase-api-version", "2024-01-01");

        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = "short" });

        var error = await ExpectAsync(response, HttpStatusCode.UnprocessableEntity);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("weak_password"));
            Assert.That(error.GetProperty("message").GetString(), Does.StartWith("Password should be at least 8 characters."));
            Assert.That(error.GetProperty("weak_password").GetProperty("reasons").GetArrayLength(), Is.EqualTo(2));
            Assert.That(response.Headers.GetValues("x-supabase-api-version").Single(), Is.EqualTo("2024-01-01"));
        }
    }

    [Test]
    public async Task A_new_password_takes_the_current_one()
    {
        var session = await ExpectOkAsync("signup", new { email = NewAddress(), password = Strong });

        using var without = await ChangeUserAsync(session, new { password = "Battery2staple" });
        using var wrong = await ChangeUserAsync(session, new { password = "Battery2staple", current_password = "Wrong1horse" });
        using var right = await ChangeUserAsync(session, new { password = "Battery2staple", current_password = Strong });

        await ExpectErrorAsync(without, 400, "current_password_required");
        await ExpectErrorAsync(wrong, 400, "current_password_invalid");
        await ExpectAsync(right, HttpStatusCode.OK);
    }

    [Test]
    public async Task A_password_from_before_the_rules_still_signs_in_and_is_called_weak()
    {
        var session = await ExpectOkAsync("signup", new { email = NewAddress(), password = Strong });
        await SharedPostgres.SqlAsync(
            "update auth.users set encrypted_password = extensions.crypt('weak', extensions.gen_salt('bf', 4)) where id = @id", ("id", UserId(session)));

        using var response = await SignInAsync(Email(session), "weak");

        var weak = (await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("weak_password");
        Assert.That(weak.GetProperty("reasons").Deserialize<string[]>(), Is.EqualTo(new[] { "length", "characters" }));
    }
}
