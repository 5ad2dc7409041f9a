using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Identity.Jobs;
using Platform.Testing;

namespace Platform.Identity.Tests.Features.Account;

public sealed class DeleteMeTests : IdentityTest
{
    private const string Verify = "/api/v1/deletion-receipts/verify";
    private static readonly Uri Me = new("/api/v1/me", UriKind.Relative);

    [Test]
    public async Task Answers_with_a_receipt_that_anybody_can_verify()
    {
        var (id, client) = await SignInWithSessionAsync("alice@example.com");

        using var response = await client.DeleteAsync(Me);

        var receipt = await ExpectJsonAsync(response, HttpStatusCode.Accepted);
        Assert.That(receipt.GetProperty("user_id").GetGuid(), Is.EqualTo(id));
        Assert.That(await IsGoodAsync(receipt), Is.True);
        var forged = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(receipt)!;
        forged["user_id"] = JsonSerializer.SerializeToElement(Guid.CreateVersion7());
        Assert.That(await IsGoodAsync(JsonSerializer.SerializeToElement(forged)), Is.False);
    }

    [Test]
    public async Task Destroys_the_data_key_with_the_answer_and_the_account_with_the_event()
    {
        var (id, client) = await SignInWithSessionAsync("alice@example.com");
        await PostAsync(client, "/api/v1/connectors", new
        {
            name = "sales",
            type = "http",
            config = new { url = "http://127.0.0.1:9/", auth = "bearer" },
            credentials = new { token = "secret" },
        });
        Assert.That(await CountAsync("identity.user_keys", id), Is.EqualTo(1));

        using var response = await client.DeleteAsync(Me);

        await ExpectStatusAsync(response, HttpStatusCode.Accepted);
        Assert.That(await CountAsync("identity.user_keys", id), Is.Zero);
        Assert.That(await CountAsync("auth.sessions", id), Is.Zero);
        await Application.DeliverEventsAsync();
        Assert.That(await Application.ScalarAsync<long>("select count(*) from auth.users where id = $1", id), Is.Zero);
        Assert.That(await Application.ScalarAsync<long>("select count(*) from identity.users where id = $1", id), Is.Zero);
        Assert.That(await CountAsync("connectors.connectors", id), Is.Zero);
        Assert.That(
            await Application.ScalarAsync<string>("select string_agg(fault, ',') from identity.find_audit_faults($1)", id), Is.Null);
    }

    [Test]
    public async Task Leaves_everybody_else_alone()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        await PostAsync(bob.Client, "/api/v1/dashboards", new { name = "his" });

        using var response = await alice.Client.DeleteAsync(Me);
        await Application.DeliverEventsAsync();

        await ExpectStatusAsync(response, HttpStatusCode.Accepted);
        await ExpectJsonAsync(await bob.Client.GetAsync(Me));
        Assert.That(await CountAsync("dashboards.dashboards", bob.Id), Is.EqualTo(1));
    }

    [Test]
    public async Task Deletes_also_what_was_still_written_when_all_has_ended()
    {
        var alice = await SignInAsync();
        using var response = await alice.Client.DeleteAsync(Me);
        await Application.DeliverEventsAsync();
        await ExecuteAsync($"insert into dashboards.dashboards (id, user_id, name) values (gen_random_uuid(), '{alice.Id}', 'late')");

        await Application.Services.GetRequiredService<ForgetAccountJob>().RunAsync(alice.Id, CancellationToken.None);
        await Application.DeliverEventsAsync();

        Assert.That(await CountAsync("dashboards.dashboards", alice.Id), Is.Zero);
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) from hangfire.job where invocationdata::text like '%ForgetAccountJob%' and arguments::text like $1", $"%{alice.Id}%"),
            Is.EqualTo(1));
    }

    [Test]
    public async Task Asks_for_a_fresh_sign_in()
    {
        var alice = await SignInAsync();
        var client = With(TokenOf(alice, signedInAt: TimeProvider.System.GetUtcNow().AddMinutes(-11)));

        using var response = await client.DeleteAsync(Me);

        await ExpectProblemAsync(response, 403, "fresh_sign_in_required");
        await ExpectJsonAsync(await alice.Client.GetAsync(Me));
    }

    [Test]
    public async Task Refuses_a_key_and_an_impersonation()
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("admin"));
        var key = await PostAsync(alice.Client, "/api/v1/me/api-keys", new { name = "CI", scopes = new[] { "read", "write" } });
        var impersonation = await PostAsync(
            admin.Client, $"/api/v1/admin/users/{alice.Id}/impersonate", new { reason = "a case" }, HttpStatusCode.OK);

        using var byKey = await With(key.GetProperty("key").GetString()!).DeleteAsync(Me);
        using var byStaff = await With(impersonation.GetProperty("access_token").GetString()!).DeleteAsync(Me);

        await ExpectProblemAsync(byKey, 403, "api_key_not_allowed");
        await ExpectProblemAsync(byStaff, 403, "read_only");
    }

    private static Task<long> CountAsync(string table, Guid userId) =>
        Application.ScalarAsync<long>($"select count(*) from {table} where user_id = $1", userId);

    private static string TokenOf(TestUser user, DateTimeOffset signedInAt)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = $"{Application.Url}/auth/v1",
            Audience = "authenticated",
            IssuedAt = now.UtcDateTime,
            Expires = now.UtcDateTime.AddHours(1),
            SigningCredentials = new SigningCredentials(
                new JsonWebKey(Application.Services.GetRequiredService<IConfiguration>()["Test:SigningKeyJwk"]), SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = user.Id.ToString(),
                ["role"] = "authenticated",
                ["amr"] = new[] { new Dictionary<string, object> { ["method"] = "password", ["timestamp"] = signedInAt.ToUnixTimeSeconds() } },
            },
        });
    }

    private async Task<bool> IsGoodAsync(JsonElement receipt)
    {
        using var response = await Visitor().PostAsJsonAsync(Verify, receipt);
        return (await ExpectJsonAsync(response)).GetProperty("valid").GetBoolean();
    }
}
