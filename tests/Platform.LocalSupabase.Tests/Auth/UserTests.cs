using System.Net;
using System.Net.Http.Json;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class UserTests : AuthTest
{
    [Test]
    public async Task Merges_data_at_the_top_level()
    {
        var session = await SignUpAsync(data: new { kept = 1, changed = new { a = 1 }, removed = true });
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.PutAsJsonAsync(
            "/auth/v1/user", new { data = new { changed = new { b = 2 }, removed = (object?)null } });

        var data = (await ExpectAsync(response, HttpStatusCode.OK)).GetProperty("user_metadata");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.GetProperty("kept").GetInt32(), Is.EqualTo(1));
            Assert.That(data.GetProperty("changed").GetRawText(), Is.EqualTo("""{"b":2}"""));
            Assert.That(data.TryGetProperty("removed", out _), Is.False);
        }
    }

    [Test]
    public async Task Loses_no_change_of_two_at_once()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            var data = new Dictionary<string, int> { [$"key{number}"] = number };
            using var response = await client.PutAsJsonAsync("/auth/v1/user", new { data });
            response.EnsureSuccessStatusCode();
        }));

        using var answer = await client.GetAsync("/auth/v1/user");
        var stored = (await ExpectAsync(answer, HttpStatusCode.OK)).GetProperty("user_metadata");
        Assert.That(Enumerable.Range(0, 6).All(number => stored.TryGetProperty($"key{number}", out _)), Is.True, stored.GetRawText());
    }

    [Test]
    public async Task Lets_nobody_change_their_own_app_metadata()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.PutAsJsonAsync("/auth/v1/user", new { app_metadata = new { role = "admin" } });

        await ExpectErrorAsync(response, 403, "not_admin");
    }

    [Test]
    public async Task Refuses_the_address_of_somebody_else()
    {
        var other = await SignUpAsync();
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.PutAsJsonAsync("/auth/v1/user", new { email = Email(other) });

        await ExpectErrorAsync(response, 422, "email_exists", "A user with this email address has already been registered");
    }

    [TestCase("""{"password": "battery staple"}""")]
    [TestCase("""{"email": "somebody@example.com"}""")]
    public async Task Asks_for_the_second_factor_of_somebody_who_has_one(string change)
    {
        var session = await SignUpAsync();
        await SharedPostgres.SqlAsync(
            """
            insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
            values (gen_random_uuid(), @id, 'totp', 'verified', now(), now())
            """,
            ("id", UserId(session)));
        using var client = Server.Connect(AccessToken(session));
        using var content = new StringContent(change);

        using var response = await client.PutAsync("/auth/v1/user", content);
        using var harmless = await client.PutAsJsonAsync("/auth/v1/user", new { data = new { a = 1 } });

        await ExpectErrorAsync(response, 401, "insufficient_aal");
        await ExpectAsync(harmless, HttpStatusCode.OK);
    }

    [Test]
    public async Task Ends_the_other_sessions_on_a_new_password()
    {
        var session = await SignUpAsync();
        using var elsewhere = await SignInAsync(Email(session));
        var other = await ExpectAsync(elsewhere, HttpStatusCode.OK);
        using var client = Server.Connect(AccessToken(session));

        using var same = await client.PutAsJsonAsync("/auth/v1/user", new { password = Password });
        await ExpectErrorAsync(same, 422, "same_password", "New password should be different from the old password.");
        using var response = await client.PutAsJsonAsync("/auth/v1/user", new { password = "battery staple" });
        await ExpectAsync(response, HttpStatusCode.OK);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await GetUserStatusAsync(AccessToken(other)), Is.EqualTo(HttpStatusCode.Forbidden));
        }

        using var old = await SignInAsync(Email(session));
        await ExpectErrorAsync(old, 400, "invalid_credentials");
    }
}

public sealed class LogoutTests : AuthTest
{
    [TestCase("", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [TestCase("?scope=global", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [TestCase("?scope=local", HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [TestCase("?scope=others", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    public async Task Ends_the_sessions_of_its_scope(string query, HttpStatusCode own, HttpStatusCode other)
    {
        var session = await SignUpAsync();
        using var elsewhere = await SignInAsync(Email(session));
        var second = await ExpectAsync(elsewhere, HttpStatusCode.OK);
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.PostAsync($"/auth/v1/logout{query}", null);

        await ExpectAsync(response, HttpStatusCode.NoContent);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await GetUserStatusAsync(AccessToken(session)), Is.EqualTo(own));
            Assert.That(await GetUserStatusAsync(AccessToken(second)), Is.EqualTo(other));
        }
    }

    [Test]
    public async Task Ends_the_refresh_token_with_the_session()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));
        using var response = await client.PostAsync("/auth/v1/logout", null);

        using var refreshed = await RefreshAsync(RefreshToken(session));

        await ExpectErrorAsync(refreshed, 400, "refresh_token_not_found");
    }

    [Test]
    public async Task Refuses_an_unknown_scope()
    {
        var session = await SignUpAsync();
        using var client = Server.Connect(AccessToken(session));

        using var response = await client.PostAsync("/auth/v1/logout?scope=galaxy", null);

        await ExpectErrorAsync(response, 400, "validation_failed");
    }
}
