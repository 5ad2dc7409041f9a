using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class AdminUserTests : AuthTest
{
    private HttpClient _admin = null!;

    [SetUp]
    public void Connect() => _admin = Server.Connect(Server.ServiceRoleKey);

    [TearDown]
    public void Disconnect() => _admin.Dispose();

    [Test]
    public async Task Creates_a_user_who_can_sign_in_once_confirmed()
    {
        var address = NewAddress();

        var user = await CreateAsync(new { email = address, password = Password, app_metadata = new { role = "support" } });
        using var unconfirmed = await SignInAsync(address);
        await ExpectErrorAsync(unconfirmed, 400, "email_not_confirmed");
        using var update = await _admin.PutAsJsonAsync($"/auth/v1/admin/users/{Id(user)}", new { email_confirm = true });

        var confirmed = await ExpectAsync(update, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(confirmed.GetProperty("app_metadata").GetRawText(), Is.EqualTo("""{"role":"support","provider":"email","providers":["email"]}"""));
            Assert.That(confirmed.GetProperty("identities").GetArrayLength(), Is.EqualTo(1));
        }

        using var signedIn = await SignInAsync(address);
        await ExpectAsync(signedIn, HttpStatusCode.OK);
    }

    [Test]
    public async Task Keeps_the_id_it_is_given()
    {
        var id = Guid.CreateVersion7();

        var user = await CreateAsync(new { id, email = NewAddress() });

        Assert.That(Id(user), Is.EqualTo(id));
    }

    [Test]
    public async Task Refuses_to_create_what_exists_or_has_no_address()
    {
        var address = NewAddress();
        await CreateAsync(new { email = address });

        using var taken = await _admin.PostAsJsonAsync("/auth/v1/admin/users", new { email = address });
        using var bare = await _admin.PostAsJsonAsync("/auth/v1/admin/users", new { password = Password });

        await ExpectErrorAsync(taken, 422, "email_exists");
        await ExpectErrorAsync(bare, 400, "validation_failed");
    }

    [Test]
    public async Task Lists_page_by_page()
    {
        var mark = Guid.CreateVersion7().ToString("N");
        for (var number = 0; number < 3; number++)
        {
            await CreateAsync(new { email = $"{mark}-{number}@example.com" });
        }

        using var response = await _admin.GetAsync($"/auth/v1/admin/users?page=2&per_page=1&filter={mark}&sort=created_at asc");

        var page = await ExpectAsync(response, HttpStatusCode.OK);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.GetProperty("aud").GetString(), Is.EqualTo("authenticated"));
            Assert.That(page.GetProperty("users").EnumerateArray().Single().GetProperty("email").GetString(), Is.EqualTo($"{mark}-1@example.com"));
            Assert.That(response.Headers.GetValues("X-Total-Count").Single(), Is.EqualTo("3"));
            Assert.That(
                response.Headers.GetValues("Link").Single(),
                Is.EqualTo("</admin/users?page=3&per_page=1>; rel=\"next\", </admin/users?page=3&per_page=1>; rel=\"last\""));
        }
    }

    [Test]
    public async Task Tells_an_unknown_id_from_one_that_is_none()
    {
        using var unknown = await _admin.GetAsync($"/auth/v1/admin/users/{Guid.CreateVersion7()}");
        using var none = await _admin.GetAsync("/auth/v1/admin/users/me");

        await ExpectErrorAsync(unknown, 404, "user_not_found", "User not found");
        await ExpectErrorAsync(none, 404, "validation_failed");
    }

    [Test]
    public async Task Ends_every_session_with_a_new_password()
    {
        var session = await SignUpAsync();

        using var response = await _admin.PutAsJsonAsync($"/auth/v1/admin/users/{UserId(session)}", new { password = "battery staple" });

        await ExpectAsync(response, HttpStatusCode.OK);
        Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Bans_for_a_time_and_lifts_the_ban()
    {
        var session = await SignUpAsync();
        var path = $"/auth/v1/admin/users/{UserId(session)}";

        using var ban = await _admin.PutAsJsonAsync(path, new { ban_duration = "1h30m" });
        var banned = await ExpectAsync(ban, HttpStatusCode.OK);
        using var refused = await SignInAsync(Email(session));
        await ExpectErrorAsync(refused, 400, "user_banned");
        Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(HttpStatusCode.Forbidden));
        using var wrong = await _admin.PutAsJsonAsync(path, new { ban_duration = "forever" });
        await ExpectErrorAsync(wrong, 400, "validation_failed");
        using var lift = await _admin.PutAsJsonAsync(path, new { ban_duration = "none" });
        var lifted = await ExpectAsync(lift, HttpStatusCode.OK);

        using (Assert.EnterMultipleScope())
        {
            var until = banned.GetProperty("banned_until").GetDateTimeOffset() - Server.Clock.GetUtcNow();
            Assert.That(until, Is.EqualTo(TimeSpan.FromMinutes(90)).Within(TimeSpan.FromMinutes(1)));
            Assert.That(lifted.TryGetProperty("banned_until", out _), Is.False);
        }
    }

    [Test]
    public async Task Deletes_a_user_with_all_that_is_theirs()
    {
        var session = await SignUpAsync();

        using var response = await _admin.DeleteAsync($"/auth/v1/admin/users/{UserId(session)}");

        Assert.That((await ExpectAsync(response, HttpStatusCode.OK)).GetRawText(), Is.EqualTo("{}"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(await CountAsync("auth.identities", UserId(session)), Is.Zero);
            Assert.That(await CountAsync("auth.sessions", UserId(session)), Is.Zero);
        }
    }

    [Test]
    public async Task Keeps_the_row_of_a_soft_deleted_user_and_frees_the_address()
    {
        var session = await SignUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/auth/v1/admin/users/{UserId(session)}")
        {
            Content = JsonContent.Create(new { should_soft_delete = true }),
        };

        using var response = await _admin.SendAsync(request);

        await ExpectAsync(response, HttpStatusCode.OK);
        using var stored = await _admin.GetAsync($"/auth/v1/admin/users/{UserId(session)}");
        var user = await ExpectAsync(stored, HttpStatusCode.OK);
        Assert.That(user.GetProperty("email").GetString(), Does.Not.Contain("@"));
        Assert.That(user.TryGetProperty("deleted_at", out _), Is.True);
        var successor = await SignUpAsync(Email(session));
        Assert.That(UserId(successor), Is.Not.EqualTo(UserId(session)));
    }

    [Test]
    public async Task Is_for_the_service_role_alone()
    {
        var session = await SignUpAsync();
        using var user = Server.Connect(AccessToken(session));
        using var nobody = Server.Connect();

        using var asUser = await user.GetAsync("/auth/v1/admin/users");
        using var asNobody = await nobody.DeleteAsync($"/auth/v1/admin/users/{UserId(session)}");

        await ExpectErrorAsync(asUser, 403, "not_admin");
        await ExpectErrorAsync(asNobody, 401, "no_authorization");
    }

    private async Task<JsonElement> CreateAsync(object user)
    {
        using var response = await _admin.PostAsJsonAsync("/auth/v1/admin/users", user);
        return await ExpectAsync(response, HttpStatusCode.OK);
    }

    private static Guid Id(JsonElement user) => user.GetProperty("id").GetGuid();

    private static async Task<long> CountAsync(string table, Guid userId) =>
        (long)(await SharedPostgres.SqlAsync($"select count(*) from {table} where user_id = @id", ("id", userId)))!;
}
