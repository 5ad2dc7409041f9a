using System.Net.Http.Json;
using Npgsql;

namespace Platform.Identity.Tests.Features.Audit;

public sealed class AuditTests : IdentityTest
{
    [Test]
    public async Task Records_what_a_person_does_in_order()
    {
        var alice = await SignInAsync();
        await alice.Client.PatchAsJsonAsync("/api/v1/me", new { full_name = "Alice" });
        await alice.Client.PatchAsJsonAsync("/api/v1/me/settings", new { weekly_report = true });
        var key = await PostAsync(alice.Client, "/api/v1/me/api-keys", new { name = "CI" });
        await alice.Client.DeleteAsync(new Uri($"/api/v1/me/api-keys/{key.GetProperty("id").GetGuid()}", UriKind.Relative));

        var actions = await ActionsAsync(alice.Client);

        Assert.That(actions, Is.EqualTo(new[] { "api_key.revoked", "api_key.created", "settings.changed", "profile.changed" }));
        Assert.That(await FaultsAsync(alice.Id), Is.Empty);
    }

    [Test]
    public async Task Records_nothing_of_what_is_rolled_back()
    {
        var alice = await SignInAsync();
        await PostAsync(alice.Client, "/api/v1/me/api-keys", new { name = "CI" });

        using var taken = await alice.Client.PostAsJsonAsync("/api/v1/me/api-keys", new { name = "CI" });

        await ExpectProblemAsync(taken, 409, "api_key_name_taken");
        Assert.That(await ActionsAsync(alice.Client), Is.EqualTo(new[] { "api_key.created" }));
        Assert.That(await FaultsAsync(alice.Id), Is.Empty);
    }

    [Test]
    public async Task Shows_a_person_their_own_log_alone()
    {
        var (alice, bob) = (await SignInAsync("admin"), await SignInAsync());
        await bob.Client.PatchAsJsonAsync("/api/v1/me", new { full_name = "Bob" });

        Assert.That(await ActionsAsync(alice.Client), Is.Empty);
    }

    [Test]
    public async Task Pages_by_keyset()
    {
        var alice = await SignInAsync();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await alice.Client.PatchAsJsonAsync("/api/v1/me", new { full_name = name });
        }

        var first = await ExpectJsonAsync(await alice.Client.GetAsync(new Uri("/api/v1/me/audit?limit=2", UriKind.Relative)));
        var second = await ExpectJsonAsync(await alice.Client.GetAsync(
            new Uri($"/api/v1/me/audit?limit=2&cursor={first.GetProperty("next_cursor").GetString()}", UriKind.Relative)));

        var sequences = first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(entry => entry.GetProperty("sequence").GetInt64());
        Assert.That(sequences, Is.EqualTo(new long[] { 3, 2, 1 }));
    }

    [TestCase("update identity.audit_log set action = 'profile.hidden'")]
    [TestCase("delete from identity.audit_log")]
    public async Task Is_changed_by_no_role(string statement)
    {
        var alice = await SignInAsync();
        await alice.Client.PatchAsJsonAsync("/api/v1/me", new { full_name = "Alice" });

        foreach (var role in new[] { "authenticated", "service_role", "postgres", "none" })
        {
            var refused = Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync($"set role {role}; {statement}"));
            Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege), role);
        }
    }

    [TestCase("authenticated")]
    [TestCase("service_role")]
    public async Task Takes_entries_from_the_database_alone(string role)
    {
        var alice = await SignInAsync();

        var refused = Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(
            $"""
            select set_config('request.jwt.claims', '{$$"""{"sub": "{{alice.Id}}"}"""}', true); set role {role};
            insert into identity.audit_log (id, user_id, action, sequence, hash) values (gen_random_uuid(), '{alice.Id}', 'profile.forged', 1, '')
            """));

        Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
    }

    [TestCase("update identity.audit_log set reason = 'another' where sequence = 2", "2:changed")]
    [TestCase("delete from identity.audit_log where sequence = 2", "3:missing_before")]
    [TestCase("delete from identity.audit_log where sequence = 3", "3:missing_at_end")]
    [TestCase("delete from identity.audit_log", "3:missing_at_end")]
    [TestCase("update identity.audit_log as log set reason = 'another' where sequence = 2; update identity.audit_log as log set hash = identity.audit_entry_hash(log) where sequence = 2", "3:unlinked")]
    public async Task A_fault_is_found_by_staff(string tampering, string fault)
    {
        var (alice, admin) = (await SignInAsync(), await SignInAsync("support"));
        foreach (var name in new[] { "a", "b", "c" })
        {
            await alice.Client.PatchAsJsonAsync("/api/v1/me", new { full_name = name });
        }

        using var before = await admin.Client.GetAsync(new Uri("/api/v1/admin/audit/verify", UriKind.Relative));
        await ExecuteAsync(tampering, asReplica: true);
        using var after = await admin.Client.GetAsync(new Uri($"/api/v1/admin/audit/verify?user_id={alice.Id}", UriKind.Relative));

        Assert.That((await ExpectJsonAsync(before)).GetProperty("valid").GetBoolean(), Is.True);
        var answer = await ExpectJsonAsync(after);
        Assert.That(answer.GetProperty("valid").GetBoolean(), Is.False);
        Assert.That(
            answer.GetProperty("faults").EnumerateArray().Select(entry => $"{entry.GetProperty("sequence")}:{entry.GetProperty("fault")}"),
            Is.EqualTo(new[] { fault }));
    }

    private static async Task<string> FaultsAsync(Guid userId) =>
        await Application.ScalarAsync<string>("select string_agg(fault, ',') from identity.find_audit_faults($1)", userId) ?? "";
}
