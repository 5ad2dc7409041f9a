using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Admin;

public sealed class StaffTests : IdentityTest
{
    private const string Users = "/api/v1/admin/users";
    private static readonly Uri Me = new("/api/v1/me", UriKind.Relative);

    private static readonly string[] Routes =
    [
        "GET /api/v1/admin/users", "GET /api/v1/admin/users/{id}", "POST /api/v1/admin/users/{id}/ban", "POST /api/v1/admin/users/{id}/unban",
        "POST /api/v1/admin/users/{id}/revoke-sessions", "POST /api/v1/admin/users/{id}/impersonate", "GET /api/v1/admin/audit",
        "GET /api/v1/admin/audit/verify", "GET /api/v1/admin/overview",
    ];

    [TestCaseSource(nameof(Routes))]
    public async Task Everybody_else_is_refused(string route)
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var parts = route.Replace("{id}", bob.Id.ToString(), StringComparison.Ordinal).Split(' ');

        using var asPerson = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        using var asVisitor = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        if (parts[0] == "POST")
        {
            (asPerson.Content, asVisitor.Content) = (JsonContent.Create(new { reason = "curious" }), JsonContent.Create(new { reason = "curious" }));
        }

        using var person = await alice.Client.SendAsync(asPerson);
        using var visitor = await Visitor().SendAsync(asVisitor);

        await ExpectProblemAsync(person, 403, "forbidden");
        await ExpectProblemAsync(visitor, 401, "unauthorized");
    }

    [TestCase("select identity.staff_ban('{0}', now(), 'mine')")]
    [TestCase("select identity.staff_find_users(null, null, null, 10)")]
    [TestCase("select identity.staff_read_audit(null, null, 10)")]
    [TestCase("select identity.staff_begin_impersonation('{0}', gen_random_uuid(), now(), 'mine')")]
    public async Task The_database_asks_for_the_role_itself(string statement)
    {
        var alice = await SignInAsync();
        var claims = JsonSerializer.Serialize(new { sub = alice.Id, role = "authenticated", app_metadata = new { role = "nobody" } });

        var refused = Assert.ThrowsAsync<Npgsql.PostgresException>(() => ExecuteAsync(
            $"select set_config('request.jwt.claims', '{claims}', true); set role authenticated; "
            + string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, alice.Id)));

        Assert.That(refused!.SqlState, Is.EqualTo("42501"));
    }

    [Test]
    public async Task Finds_people_by_a_part_of_their_address()
    {
        var (alice, bob, support) = (await SignInAsync(), await SignInAsync(), await SignInAsync("support"));

        using var found = await support.Client.GetAsync(new Uri($"{Users}?query={alice.Email[..^4].ToUpperInvariant()}", UriKind.Relative));
        using var byId = await support.Client.GetAsync(new Uri($"{Users}?query={bob.Id}", UriKind.Relative));
        using var nobody = await support.Client.GetAsync(new Uri($"{Users}?query=100%25", UriKind.Relative));
        using var one = await support.Client.GetAsync(new Uri($"{Users}/{bob.Id}", UriKind.Relative));

        Assert.That(Ids(await ExpectJsonAsync(found)), Is.EqualTo(new[] { alice.Id }));
        Assert.That(Ids(await ExpectJsonAsync(byId)), Is.EqualTo(new[] { bob.Id }));
        Assert.That(Ids(await ExpectJsonAsync(nobody)), Is.Empty);
        Assert.That((await ExpectJsonAsync(one)).GetProperty("email").GetString(), Is.EqualTo(bob.Email));
    }

    [Test]
    public async Task Bans_a_person_ends_their_sessions_and_lifts_the_ban()
    {
        var (alice, _) = await SignInWithSessionAsync("alice@example.com");
        var admin = await SignInAsync("admin");

        using var banned = await admin.Client.PostAsJsonAsync($"{Users}/{alice}/ban", new { hours = 2, reason = "spam" });

        await ExpectStatusAsync(banned, HttpStatusCode.NoContent);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from auth.sessions where user_id = $1", alice), Is.Zero);
        Assert.That(
            await Application.ScalarAsync<bool>("select banned_until between now() + '119 min' and now() + '121 min' from auth.users where id = $1", alice),
            Is.True);
        using var lifted = await admin.Client.PostAsync(new Uri($"{Users}/{alice}/unban", UriKind.Relative), null);
        await ExpectStatusAsync(lifted, HttpStatusCode.NoContent);
        var (_, client) = await SignInWithSessionAsync("alice@example.com");
        Assert.That(await ActionsAsync(client), Is.EqualTo(new[] { "account.unbanned", "account.banned" }));
    }

    [Test]
    public async Task Signs_a_person_out_everywhere()
    {
        var (alice, _) = await SignInWithSessionAsync("alice@example.com");
        await SignInWithSessionAsync("alice@example.com");
        var admin = await SignInAsync("admin");

        var ended = await PostAsync(admin.Client, $"{Users}/{alice}/revoke-sessions", new { reason = "lost phone" }, HttpStatusCode.OK);

        Assert.That(ended.GetProperty("ended").GetInt32(), Is.EqualTo(2));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from auth.sessions where user_id = $1", alice), Is.Zero);
    }

    [TestCase("ban")]
    [TestCase("unban")]
    [TestCase("revoke-sessions")]
    [TestCase("impersonate")]
    public async Task Answers_404_where_nobody_has_the_id(string action)
    {
        var admin = await SignInAsync("admin");

        using var response = await admin.Client.PostAsJsonAsync($"{Users}/{Guid.CreateVersion7()}/{action}", new { reason = "a case" });

        await ExpectProblemAsync(response, 404, "user_not_found");
    }

    [Test]
    public async Task Sees_what_a_person_sees_and_changes_nothing()
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("admin"));
        var dashboard = await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Sales" });

        var client = With(await ImpersonateAsync(admin, alice.Id));

        Assert.That((await ExpectJsonAsync(await client.GetAsync(Me))).GetProperty("id").GetGuid(), Is.EqualTo(alice.Id));
        await ExpectJsonAsync(await client.GetAsync(new Uri($"/api/v1/dashboards/{dashboard.GetProperty("id").GetGuid()}", UriKind.Relative)));
        await ExpectProblemAsync(await client.PatchAsJsonAsync(Me, new { full_name = "Mallory" }), 403, "read_only");
        await ExpectProblemAsync(await client.PostAsJsonAsync("/api/v1/dashboards", new { name = "Mine" }), 403, "read_only");
        await ExpectProblemAsync(await client.PostAsJsonAsync("/api/v1/me/api-keys", new { name = "Mine" }), 403, "read_only");
        await ExpectProblemAsync(await client.GetAsync(new Uri(Users, UriKind.Relative)), 403, "forbidden");
    }

    [Test]
    public async Task An_impersonation_stands_in_the_persons_log_with_its_actor_and_reason()
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("support"));

        await ImpersonateAsync(admin, alice.Id);

        using var response = await alice.Client.GetAsync(new Uri("/api/v1/me/audit", UriKind.Relative));
        var entry = (await ExpectJsonAsync(response)).GetProperty("items")[0];
        Assert.That(entry.GetProperty("action").GetString(), Is.EqualTo("impersonation.started"));
        Assert.That(entry.GetProperty("actor_id").GetGuid(), Is.EqualTo(admin.Id));
        Assert.That(entry.GetProperty("reason").GetString(), Is.EqualTo("ticket 7"));
        using var all = await admin.Client.GetAsync(new Uri($"/api/v1/admin/audit?user_id={alice.Id}", UriKind.Relative));
        Assert.That((await ExpectJsonAsync(all)).GetProperty("items")[0].GetRawText(), Is.EqualTo(entry.GetRawText()));
    }

    [TestCase("""{"minutes": 10}""", "$")]
    [TestCase("""{"reason": " ", "minutes": 10}""", "$.reason")]
    [TestCase("""{"reason": "a case", "minutes": 61}""", "$.minutes")]
    public async Task An_impersonation_has_a_reason_and_an_end(string body, string path)
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("admin"));
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await admin.Client.PostAsync(new Uri($"{Users}/{alice.Id}/impersonate", UriKind.Relative), content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").TryGetProperty(path, out _), Is.True, problem.GetRawText());
    }

    [Test]
    public async Task A_changed_impersonation_token_is_refused()
    {
        var (alice, bob, admin) = (await SignInAsync(), await SignInAsync(), await SignInAsync("admin"));
        var token = await ImpersonateAsync(admin, alice.Id);
        var parts = token["pli_".Length..].Split('.');
        var payload = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[0]))
            .Replace(alice.Id.ToString(), bob.Id.ToString(), StringComparison.Ordinal);

        using var response = await With(
            $"pli_{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(payload))}.{parts[1]}").GetAsync(Me);

        await ExpectProblemAsync(response, 401, "unauthorized");
    }

    [TestCase("staff")]
    [TestCase("person")]
    public async Task An_impersonation_can_be_ended_before_its_time_by_staff_and_by_the_person(string who)
    {
        var (alice, bob, admin) = (await SignInAsync(), await SignInAsync(), await SignInAsync("support"));
        var begun = await PostAsync(admin.Client, $"{Users}/{alice.Id}/impersonate", new { reason = "ticket 7" }, HttpStatusCode.OK);
        var id = begun.GetProperty("id").GetGuid();
        var looking = With(begun.GetProperty("access_token").GetString()!);
        await ExpectStatusAsync(await looking.GetAsync(Me), HttpStatusCode.OK);

        var ofStaff = new Uri($"/api/v1/admin/impersonations/{id}", UriKind.Relative);
        var ofPerson = new Uri($"/api/v1/me/impersonations/{id}", UriKind.Relative);
        await ExpectProblemAsync(await bob.Client.DeleteAsync(ofPerson), 404, "impersonation_not_found");
        await ExpectProblemAsync(await bob.Client.DeleteAsync(ofStaff), 403, "forbidden");
        for (var time = 0; time < 2; time++)
        {
            await ExpectStatusAsync(
                await (who == "staff" ? admin.Client.DeleteAsync(ofStaff) : alice.Client.DeleteAsync(ofPerson)), HttpStatusCode.NoContent);
        }

        await EventuallyAsync(async () => (await looking.GetAsync(Me)).StatusCode == HttpStatusCode.Unauthorized);
        Assert.That(await ActionsAsync(alice.Client), Has.Exactly(1).EqualTo("impersonation.ended"));
    }

    [Test]
    public async Task Shows_an_overview()
    {
        await SignInAsync();
        var admin = await SignInAsync("admin");

        using var response = await admin.Client.GetAsync(new Uri("/api/v1/admin/overview", UriKind.Relative));

        var overview = await ExpectJsonAsync(response);
        Assert.That(overview.GetProperty("users").GetProperty("total").GetInt64(), Is.EqualTo(2));
        Assert.That(overview.GetProperty("jobs").TryGetProperty("failed", out _), Is.True);
    }

    private static async Task<string> ImpersonateAsync(TestUser staff, Guid userId) =>
        (await PostAsync(staff.Client, $"{Users}/{userId}/impersonate", new { reason = "ticket 7", minutes = 15 }, HttpStatusCode.OK))
        .GetProperty("access_token").GetString()!;

    private static IEnumerable<Guid> Ids(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid());
}
