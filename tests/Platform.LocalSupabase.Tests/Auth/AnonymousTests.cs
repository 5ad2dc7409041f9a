using System.Net;
using System.Text.Json;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AnonymousTests : MailTest
{
    internal override Task<LocalSupabaseServer> StartAsync() =>
        LocalSupabaseServer.StartAsync(auth: new AuthOptions { AllowAnonymous = true, AutoConfirm = false });

    [Test]
    public async Task Somebody_signs_in_without_saying_who_they_are()
    {
        var session = await StartAsync(Server);

        var (user, claims) = (session.GetProperty("user"), Part(AccessToken(session), 1));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(user.GetProperty("is_anonymous").GetBoolean(), Is.True);
            Assert.That(user.GetProperty("email").GetString(), Is.Empty);
            Assert.That(user.GetProperty("identities").GetArrayLength(), Is.Zero);
            Assert.That(user.GetProperty("app_metadata").GetRawText(), Is.EqualTo("{}"));
            Assert.That(user.GetProperty("user_metadata").GetRawText(), Is.EqualTo("""{"theme":"dark"}"""));
            Assert.That(claims.GetProperty("is_anonymous").GetBoolean(), Is.True);
            Assert.That(claims.GetProperty("role").GetString(), Is.EqualTo("authenticated"));
            Assert.That(claims.GetProperty("amr")[0].GetProperty("method").GetString(), Is.EqualTo("anonymous"));
        }
    }

    [Test]
    public async Task They_become_a_user_when_they_confirm_an_address()
    {
        var address = NewAddress();
        var session = await StartAsync(Server);
        using var response = await ChangeUserAsync(session, new { email = address });
        var pending = await ExpectAsync(response, HttpStatusCode.OK);

        var confirmed = await ExpectOkAsync(
            "verify", new { type = "email_change", email = address, token = (await LetterAsync(address)).Token });
        using var password = await ChangeUserAsync(confirmed, new { password = Password });

        await ExpectAsync(password, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pending.GetProperty("is_anonymous").GetBoolean(), Is.True);
            Assert.That(UserId(confirmed), Is.EqualTo(UserId(session)));
            ExpectPermanent(confirmed.GetProperty("user"), address);
        }

        using var signedIn = await SignInAsync(address);
        await ExpectAsync(signedIn, HttpStatusCode.OK);
    }

    [Test]
    public async Task They_become_a_user_at_once_where_nothing_is_confirmed()
    {
        await using var server = await LocalSupabaseServer.StartAsync(auth: new AuthOptions { AllowAnonymous = true });
        var address = NewAddress();
        var session = await StartAsync(server);
        using var client = server.Connect(AccessToken(session));

        using var content = new StringContent(JsonSerializer.Serialize(new { email = address, password = Password }));
        using var response = await client.PutAsync("/auth/v1/user", content);

        ExpectPermanent(await ExpectAsync(response, HttpStatusCode.OK), address);
    }

    [Test]
    public async Task A_password_alone_makes_nobody_a_user()
    {
        var session = await StartAsync(Server);

        using var response = await ChangeUserAsync(session, new { password = Password });

        await ExpectErrorAsync(response, 422, "validation_failed");
    }

    [Test]
    public async Task The_settings_say_who_may_come_in()
    {
        using var client = Server.Connect();
        using var response = await client.GetAsync("/auth/v1/settings");
        var settings = await ExpectAsync(response, HttpStatusCode.OK);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.GetProperty("external").GetProperty("anonymous_users").GetBoolean(), Is.True);
            Assert.That(settings.GetProperty("external").GetProperty("email").GetBoolean(), Is.True);
            Assert.That(settings.GetProperty("external").GetProperty("phone").GetBoolean(), Is.False);
            Assert.That(settings.GetProperty("mailer_autoconfirm").GetBoolean(), Is.False);
        }
    }

    private static void ExpectPermanent(JsonElement user, string address)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(user.GetProperty("is_anonymous").GetBoolean(), Is.False);
            Assert.That(user.GetProperty("email").GetString(), Is.EqualTo(address));
            Assert.That(user.GetProperty("identities")[0].GetProperty("provider").GetString(), Is.EqualTo("email"));
            Assert.That(user.GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"email","providers":["email"]}"""));
        }
    }

    private static async Task<JsonElement> StartAsync(LocalSupabaseServer server)
    {
        using var client = server.Connect();
        using var content = new StringContent("""{"data": {"theme": "dark"}}""");
        using var response = await client.PostAsync("/auth/v1/signup", content);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }
}
