using System.Net;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class EmailChangeTests : MailTest
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task Both_addresses_agree_by_link_in_any_order(bool oldFirst)
    {
        var (address, next) = (NewAddress(), NewAddress());
        var session = await ChangeAsync(address, next);
        var links = new[] { (await LetterAsync(address)).Link, (await LetterAsync(next)).Link };

        var half = await FollowAsync(links[oldFirst ? 0 : 1]);
        var between = await ReadUserAsync(session);
        var whole = await FollowAsync(links[oldFirst ? 1 : 0]);

        var after = await ReadUserAsync(session);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(InFragment(half, "message"), Does.StartWith("Confirmation link accepted."));
            Assert.That(InFragment(half, "access_token"), Is.Null);
            Assert.That(between.GetProperty("email").GetString(), Is.EqualTo(address));
            Assert.That(InFragment(whole, "type"), Is.EqualTo("email_change"));
            Assert.That(after.GetProperty("email").GetString(), Is.EqualTo(next));
            Assert.That(after.TryGetProperty("new_email", out _), Is.False);
            Assert.That(after.GetProperty("identities").GetArrayLength(), Is.EqualTo(1));
            Assert.That(after.GetProperty("identities")[0].GetProperty("email").GetString(), Is.EqualTo(next));
        }

        using var signedIn = await SignInAsync(next);
        await ExpectAsync(signedIn, HttpStatusCode.OK);
    }

    [Test]
    public async Task Both_addresses_agree_by_code()
    {
        var (address, next) = (NewAddress(), NewAddress());
        await ChangeAsync(address, next);

        var half = await ExpectOkAsync(
            "verify", new { type = "email_change", email = address, token = (await LetterAsync(address)).Token });
        var whole = await ExpectOkAsync("verify", new { type = "email_change", email = next, token = (await LetterAsync(next)).Token });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(half.GetProperty("code").GetString(), Is.EqualTo("200"));
            Assert.That(half.GetProperty("msg").GetString(), Does.StartWith("Confirmation link accepted."));
            Assert.That(Email(whole), Is.EqualTo(next));
        }
    }

    [Test]
    public async Task One_address_alone_changes_nothing_however_often_it_agrees()
    {
        var (address, next) = (NewAddress(), NewAddress());
        var session = await ChangeAsync(address, next);
        var mail = await LetterAsync(address);
        await FollowAsync(mail.Link);

        var again = await FollowAsync(mail.Link);

        Assert.That(InFragment(again, "error_code"), Is.EqualTo("otp_expired"));
        Assert.That((await ReadUserAsync(session)).GetProperty("email").GetString(), Is.EqualTo(address));
    }

    [Test]
    public async Task Somebody_who_took_the_address_meanwhile_keeps_it()
    {
        var (address, next) = (NewAddress(), NewAddress());
        await ChangeAsync(address, next);
        var mail = await LetterAsync(next);
        await FollowAsync((await LetterAsync(address)).Link);
        await SignUpConfirmedAsync(next);

        var place = await FollowAsync(mail.Link);

        Assert.That(InFragment(place, "error_code"), Is.EqualTo("email_exists"));
    }

    [Test]
    public async Task A_change_is_mailed_again()
    {
        var (address, next) = (NewAddress(), NewAddress());
        await ChangeAsync(address, next);
        Server.Clock.Advance(Pause);

        await ExpectOkAsync("resend", new { type = "email_change", email = address });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await LettersAsync(next), Has.Length.EqualTo(2));
            Assert.That((await LetterAsync(next)).Kind, Is.EqualTo("EmailChange"));
        }
    }

    [Test]
    public async Task Links_to_the_old_address_are_void_after_the_change()
    {
        var (address, next) = (NewAddress(), NewAddress());
        await ChangeAsync(address, next);
        var links = new[] { (await LetterAsync(address)).Link, (await LetterAsync(next)).Link };
        await ExpectOkAsync("recover", new { email = address });
        var recovery = await LetterAsync(address);
        await FollowAsync(links[0]);
        await FollowAsync(links[1]);

        var place = await FollowAsync(recovery.Link);

        Assert.That(InFragment(place, "error_code"), Is.EqualTo("otp_expired"));
    }

    private async Task<JsonElement> ChangeAsync(string address, string next)
    {
        var session = await SignUpConfirmedAsync(address);
        using var response = await ChangeUserAsync(session, new { email = next });
        var user = await ExpectAsync(response, HttpStatusCode.OK);
        Assert.That(user.GetProperty("new_email").GetString(), Is.EqualTo(next));
        return session;
    }

    private async Task<JsonElement> ReadUserAsync(JsonElement session)
    {
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.GetAsync("/auth/v1/user");
        return await ExpectAsync(response, HttpStatusCode.OK);
    }
}

public sealed class SimpleEmailChangeTests : MailTest
{
    internal override Task<LocalSupabaseServer> StartAsync() =>
        LocalSupabaseServer.StartAsync(auth: new AuthOptions { SecureEmailChange = false });

    [Test]
    public async Task The_new_address_alone_decides_where_that_is_enough()
    {
        var (address, next) = (NewAddress(), NewAddress());
        var session = await SignUpAsync(address);
        using var response = await ChangeUserAsync(session, new { email = next });
        await ExpectAsync(response, HttpStatusCode.OK);

        var changed = await ExpectOkAsync("verify", new { type = "email_change", email = next, token = (await LetterAsync(next)).Token });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Email(changed), Is.EqualTo(next));
            Assert.That(await LettersAsync(address), Is.Empty);
        }
    }
}
