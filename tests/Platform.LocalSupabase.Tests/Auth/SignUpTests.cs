using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class SignUpTests : AuthTest
{
    [Test]
    public async Task Gives_a_session_and_a_confirmed_user()
    {
        var address = NewAddress();

        var session = await SignUpAsync(address.ToUpperInvariant(), new { nickname = "Ada" });

        var user = session.GetProperty("user");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(session.GetProperty("token_type").GetString(), Is.EqualTo("bearer"));
            Assert.That(session.GetProperty("expires_in").GetInt32(), Is.EqualTo(3600));
            Assert.That(RefreshToken(session), Does.Match("^[a-z0-9]{12}$"));
            Assert.That(user.GetProperty("email").GetString(), Is.EqualTo(address));
            Assert.That(user.GetProperty("phone").GetString(), Is.Empty);
            Assert.That(user.GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"provider":"email","providers":["email"]}"""));
            Assert.That(user.GetProperty("user_metadata").GetProperty("nickname").GetString(), Is.EqualTo("Ada"));
            Assert.That(user.GetProperty("user_metadata").GetProperty("email_verified").GetBoolean(), Is.True);
            Assert.That(user.GetProperty("email_confirmed_at").GetString(), Does.EndWith("Z"));
            Assert.That(user.GetProperty("is_anonymous").GetBoolean(), Is.False);
        }

        var identity = user.GetProperty("identities")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(identity.GetProperty("id").GetString(), Is.EqualTo(user.GetProperty("id").GetString()));
            Assert.That(identity.GetProperty("provider").GetString(), Is.EqualTo("email"));
            Assert.That(identity.GetProperty("email").GetString(), Is.EqualTo(address));
            Assert.That(identity.GetProperty("identity_data").GetProperty("sub").GetString(), Is.EqualTo(user.GetProperty("id").GetString()));
        }
    }

    [Test]
    public async Task Refuses_an_address_that_is_taken()
    {
        var session = await SignUpAsync();

        using var client = Server.Connect();
        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = Email(session), password = Password });

        await ExpectErrorAsync(response, 422, "user_already_exists", "User already registered");
    }

    [Test]
    public async Task Makes_one_user_of_many_sign_ups_at_once()
    {
        var address = NewAddress();
        using var client = Server.Connect();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = address, password = Password });
            return response.StatusCode;
        }));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Count(status => status == HttpStatusCode.OK), Is.EqualTo(1));
            Assert.That(answers.Count(status => status == HttpStatusCode.UnprocessableEntity), Is.EqualTo(7));
        }
    }

    [TestCase("""{"email": "a@example.com"}""", 400, "validation_failed")]
    [TestCase("""{"email": "a@example.com", "password": "12345"}""", 422, "weak_password")]
    [TestCase("""{"email": "nobody", "password": "123456"}""", 400, "validation_failed")]
    [TestCase("""{"email": "a b@example.com", "password": "123456"}""", 400, "validation_failed")]
    [TestCase("""{"email": "a@example.com", "phone": "4912345", "password": "123456"}""", 400, "validation_failed")]
    [TestCase("""{"phone": "4912345", "password": "123456"}""", 400, "phone_provider_disabled")]
    [TestCase("""{"data": {}}""", 422, "anonymous_provider_disabled")]
    [TestCase("""{"email": 7, "password": "123456"}""", 400, "bad_json")]
    [TestCase("""{"email": "a@example.com", "password": "123456", "data": {"a": "\u0000"}}""", 400, "bad_json")]
    [TestCase("""{"email": "a@example.com", "password": "123456", "data": {"a": "\ud800"}}""", 400, "bad_json")]
    [TestCase("""[1]""", 400, "bad_json")]
    [TestCase("""{""", 400, "bad_json")]
    [TestCase("", 400, "bad_json")]
    public async Task Refuses_what_breaks_a_rule(string body, int status, string code)
    {
        using var client = Server.Connect();
        using var content = new StringContent(body);

        using var response = await client.PostAsync("/auth/v1/signup", content);

        await ExpectErrorAsync(response, status, code);
    }

    [Test]
    public async Task Refuses_a_password_that_bcrypt_would_cut()
    {
        using var client = Server.Connect();

        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = new string('ä', 37) });

        await ExpectErrorAsync(response, 400, "validation_failed");
    }

    [Test]
    public async Task Refuses_a_body_over_one_megabyte()
    {
        using var client = Server.Connect();
        using var content = new StringContent(new string(' ', 1024 * 1024 + 1));

        using var response = await client.PostAsync("/auth/v1/signup", content);

        await ExpectErrorAsync(response, 413, "request_entity_too_large");
    }

    [Test]
    public async Task Refuses_everybody_while_sign_ups_are_off()
    {
        await using var closed = await Fixture.LocalSupabaseServer.StartAsync(disableSignup: true);
        using var client = closed.Connect();

        using var response = await client.PostAsJsonAsync("/auth/v1/signup", new { email = NewAddress(), password = Password });

        await ExpectErrorAsync(response, 422, "signup_disabled", "Signups not allowed for this instance");
    }
}

public sealed class SignUpWithConfirmationTests : AuthTest
{
    internal override Task<Fixture.LocalSupabaseServer> StartAsync() => Fixture.LocalSupabaseServer.StartAsync(autoConfirm: false);

    [Test]
    public async Task Answers_the_user_without_a_session_and_lets_nobody_in()
    {
        var address = NewAddress();

        var user = await SignUpAsync(address);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(user.TryGetProperty("access_token", out _), Is.False);
            Assert.That(user.GetProperty("identities").GetArrayLength(), Is.EqualTo(1));
            Assert.That(user.TryGetProperty("confirmation_sent_at", out _), Is.True);
            Assert.That(user.TryGetProperty("email_confirmed_at", out _), Is.False);
        }

        using var response = await SignInAsync(address);
        await ExpectErrorAsync(response, 400, "email_not_confirmed", "Email not confirmed");
        using var wrong = await SignInAsync(address, "wrong horse");
        await ExpectErrorAsync(wrong, 400, "invalid_credentials");
    }

    [Test]
    public async Task Makes_up_a_user_when_the_address_is_taken()
    {
        var address = NewAddress();
        var stored = await SignUpAsync(address);
        await SharedPostgres.SqlAsync("update auth.users set email_confirmed_at = now() where email = @email", ("email", address));

        var answer = await SignUpAsync(address, new { nickname = "Mallory" });
        Server.Clock.Advance(TimeSpan.FromSeconds(2));
        var again = await SignUpAsync(address);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("id").GetGuid(), Is.Not.EqualTo(stored.GetProperty("id").GetGuid()));
            Assert.That(answer.GetProperty("id").GetGuid(), Is.Not.EqualTo(again.GetProperty("id").GetGuid()));
            Assert.That(answer.GetProperty("identities").GetArrayLength(), Is.Zero);
            Assert.That(answer.GetProperty("user_metadata").GetProperty("nickname").GetString(), Is.EqualTo("Mallory"));
            Assert.That(await SharedPostgres.SqlAsync("select count(*) from auth.users where email = @email", ("email", address)), Is.EqualTo(1L));
        }
    }

    [Test]
    public async Task Leaves_an_unconfirmed_user_as_it_was()
    {
        var address = NewAddress();
        var first = await SignUpAsync(address, new { nickname = "Ada" });
        var hash = await SharedPostgres.SqlAsync("select encrypted_password from auth.users where email = @email", ("email", address));

        Server.Clock.Advance(TimeSpan.FromSeconds(2));
        var second = await SignUpAsync(address, new { nickname = "Mallory" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.GetProperty("id").GetGuid(), Is.EqualTo(first.GetProperty("id").GetGuid()));
            Assert.That(second.GetProperty("user_metadata").GetProperty("nickname").GetString(), Is.EqualTo("Ada"));
            Assert.That(
                await SharedPostgres.SqlAsync("select encrypted_password from auth.users where email = @email", ("email", address)),
                Is.EqualTo(hash));
        }
    }

    [Test]
    public async Task Keeps_a_new_address_pending()
    {
        var address = NewAddress();
        var next = NewAddress();
        await SignUpAsync(address);
        await SharedPostgres.SqlAsync("update auth.users set email_confirmed_at = now() where email = @email", ("email", address));
        using var signedIn = await SignInAsync(address);
        var session = await ExpectAsync(signedIn, HttpStatusCode.OK);
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.PutAsJsonAsync("/auth/v1/user", new { email = next });

        var user = await ExpectAsync(response, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(user.GetProperty("email").GetString(), Is.EqualTo(address));
            Assert.That(user.GetProperty("new_email").GetString(), Is.EqualTo(next));
            Assert.That(user.GetProperty("email_change_sent_at").ValueKind, Is.EqualTo(JsonValueKind.String));
        }
    }

    [Test]
    public async Task Refuses_data_that_names_something_twice()
    {
        using var client = Server.Connect();

        using var response = await client.PostAsync(
            "/auth/v1/signup", new StringContent($$"""{"email":"{{NewAddress()}}","password":"{{Password}}","data":{"a":1,"a":2} }"""));

        await ExpectErrorAsync(response, 400, "bad_json");
    }
}
