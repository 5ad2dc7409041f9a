using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.LocalSupabase.Auth.OneTime;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class GenerateLinkTests : AuthTest
{
    [Test]
    public void Hashes_as_the_protocol_says() =>
        Assert.That(OneTimeToken.HashOf("a", "bc"), Is.EqualTo("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"), "SHA-224 of \"abc\"");

    [TestCase("signup", "signup", "confirmation_token")]
    [TestCase("invite", "invite", "confirmation_token")]
    [TestCase("magiclink", "signup", "confirmation_token")]
    public async Task Makes_the_user_that_is_not_there(string type, string verification, string column)
    {
        var email = NewAddress();

        var link = await GenerateAsync(new { type, email, password = Password, data = new { name = "Ada" }, redirect_to = "http://127.0.0.1:3000/welcome" });

        await ExpectLinkAsync(link, verification, column, email, $"type={verification}&redirect_to=http://127.0.0.1:3000/welcome");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(link.GetProperty("email").GetString(), Is.EqualTo(email));
            Assert.That(link.GetProperty("user_metadata").GetProperty("name").GetString(), Is.EqualTo("Ada"));
            Assert.That(link.GetProperty("identities").GetArrayLength(), Is.EqualTo(1));
            Assert.That(link.TryGetProperty("email_confirmed_at", out _), Is.False);
            Assert.That(link.TryGetProperty("invited_at", out _), Is.EqualTo(type == "invite"));
            Assert.That(link.GetProperty("redirect_to").GetString(), Is.EqualTo("http://127.0.0.1:3000/welcome"));
        }
    }

    [TestCase("magiclink", "recovery_token")]
    [TestCase("recovery", "recovery_token")]
    public async Task Makes_a_link_for_the_user_that_is_there(string type, string column)
    {
        var session = await SignUpAsync();

        var first = await GenerateAsync(new { type, email = Email(session) });
        var second = await GenerateAsync(new { type, email = Email(session), redirect_to = "https://evil.example" });

        await ExpectLinkAsync(second, type, column, Email(session), $"type={type}&redirect_to={Server.Url}");
        Assert.That(second.GetProperty("hashed_token").GetString(), Is.Not.EqualTo(first.GetProperty("hashed_token").GetString()));
        Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("email_change_current", "email_change_token_current")]
    [TestCase("email_change_new", "email_change_token_new")]
    public async Task Makes_a_link_for_a_new_address(string type, string column)
    {
        var session = await SignUpAsync();
        var address = NewAddress();

        var link = await GenerateAsync(new { type, email = Email(session), new_email = address });

        await ExpectLinkAsync(
            link, type, column, type == "email_change_new" ? address : Email(session), $"type=email_change&redirect_to={Server.Url}");
        Assert.That(link.GetProperty("new_email").GetString(), Is.EqualTo(address));
        Assert.That(link.GetProperty("email").GetString(), Is.EqualTo(Email(session)));
    }

    [Test]
    public async Task Refuses_what_makes_no_sense()
    {
        var session = await SignUpAsync();

        await ExpectRefusedAsync(new { type = "signup", email = Email(session), password = Password }, 422, "email_exists");
        await ExpectRefusedAsync(new { type = "invite", email = Email(session) }, 422, "email_exists");
        await ExpectRefusedAsync(new { type = "signup", email = NewAddress() }, 400, "validation_failed");
        await ExpectRefusedAsync(new { type = "recovery", email = NewAddress() }, 404, "user_not_found");
        await ExpectRefusedAsync(new { type = "email_change_new", email = NewAddress(), new_email = NewAddress() }, 404, "user_not_found");
        await ExpectRefusedAsync(new { type = "email_change_new", email = Email(session), new_email = Email(session) }, 422, "email_exists");
        await ExpectRefusedAsync(new { type = "telegram", email = Email(session) }, 400, "validation_failed");
        await ExpectRefusedAsync(new { type = "signup", email = "no address", password = Password }, 400, "validation_failed");
    }

    [Test]
    public async Task Invites_somebody_who_is_not_confirmed_and_writes_it_down()
    {
        var email = NewAddress();
        using var admin = Server.Connect(Server.ServiceRoleKey);

        using var first = await admin.PostAsJsonAsync("/auth/v1/invite", new { email, data = new { name = "Ada" } });
        using var again = await admin.PostAsJsonAsync("/auth/v1/invite", new { email });
        using var user = Server.Connect(AccessToken(await SignUpAsync()));
        using var refused = await user.PostAsJsonAsync("/auth/v1/invite", new { email = NewAddress() });

        var invited = await ExpectAsync(first, HttpStatusCode.OK);
        var repeated = await ExpectAsync(again, HttpStatusCode.OK);
        await ExpectErrorAsync(refused, 403, "not_admin");
        using var signIn = await SignInAsync(email, "");
        using var audit = await admin.GetAsync("/auth/v1/admin/audit?query=action:user_invited&per_page=1");
        var entry = (await ExpectAsync(audit, HttpStatusCode.OK))[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(invited.TryGetProperty("invited_at", out _), Is.True);
            Assert.That(repeated.GetProperty("id").GetString(), Is.EqualTo(invited.GetProperty("id").GetString()));
            Assert.That(signIn.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "nobody signs in without a password");
            Assert.That(entry.GetProperty("payload").GetProperty("traits").GetProperty("user_email").GetString(), Is.EqualTo(email));
            Assert.That(audit.Headers.GetValues("Link").Single(), Does.Contain("</admin/audit?page=2&per_page=1>; rel=\"next\""));
        }
    }

    private async Task<JsonElement> GenerateAsync(object request)
    {
        using var response = await PostAsync(request);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private async Task ExpectRefusedAsync(object request, int status, string code)
    {
        using var response = await PostAsync(request);
        await ExpectErrorAsync(response, status, code);
    }

    private async Task<HttpResponseMessage> PostAsync(object request)
    {
        using var admin = Server.Connect(Server.ServiceRoleKey);
        return await admin.PostAsJsonAsync("/auth/v1/admin/generate_link", request);
    }

    /// <summary>The link carries the stored hash, and the code leads to it too.</summary>
    private async Task ExpectLinkAsync(JsonElement link, string verification, string column, string address, string query)
    {
        var hash = link.GetProperty("hashed_token").GetString()!;
        var id = link.GetProperty("id").GetGuid();
        var stored = await SharedPostgres.SqlAsync($"select {column} from auth.users where id = @id", ("id", id));
        var listed = await SharedPostgres.SqlAsync(
            $"select token_hash || ' ' || relates_to from auth.one_time_tokens where user_id = @id and token_type = '{column}'", ("id", id));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(link.GetProperty("verification_type").GetString(), Is.EqualTo(verification));
            Assert.That(link.GetProperty("email_otp").GetString(), Does.Match("^[0-9]{6}$"));
            Assert.That(hash, Is.EqualTo(OneTimeToken.HashOf(address, link.GetProperty("email_otp").GetString()!)));
            Assert.That(stored, Is.EqualTo(hash));
            Assert.That(listed, Is.EqualTo($"{hash} {address}"));
            Assert.That(link.GetProperty("action_link").GetString(), Is.EqualTo($"{Server.Url}/auth/v1/verify?token={hash}&{query}"));
        }
    }
}
