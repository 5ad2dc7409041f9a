using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Jobs;

namespace Platform.Connectors.Tests.Features;

/// <summary>What checks in the background make of sources that break.</summary>
public sealed class HealthTests : SyncTest
{
    [Test]
    public async Task A_source_that_breaks_turns_its_connector_once_and_back_once()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await CheckAsync();
        Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("active"));

        await Source.ExecuteAsync("alter role reader nologin");
        try
        {
            await CheckAsync();
            Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("active"), "One failure is a hiccup.");
            await CheckAsync();
            await CheckAsync();
            await CheckAsync();
        }
        finally
        {
            await Source.ExecuteAsync("alter role reader login");
        }

        var broken = await GetAsync(alice.Client, $"{path}/health");
        await CheckAsync();
        await CheckAsync();

        Assert.That(broken.GetProperty("status").GetString(), Is.EqualTo("error"), broken.GetRawText());
        Assert.That(broken.GetProperty("status_code").GetString(), Is.EqualTo("permission_denied").Or.EqualTo("authentication_failed"));
        Assert.That(broken.GetProperty("failures").GetInt32(), Is.EqualTo(4));
        Assert.That(broken.GetProperty("ok_at").ValueKind, Is.EqualTo(JsonValueKind.String));
        var healed = await GetAsync(alice.Client, $"{path}/health");
        Assert.That(healed.GetProperty("status").GetString(), Is.EqualTo("active"));
        Assert.That(healed.GetProperty("status_reason").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var statuses = (await GetAsync(alice.Client, $"{path}/events-log")).GetProperty("items").EnumerateArray()
            .Where(entry => entry.GetProperty("type").GetString() == "health_changed")
            .Select(entry => entry.GetProperty("status").GetString());
        Assert.That(statuses, Is.EqualTo(["active", "error", "active"]));
    }

    [Test]
    public async Task Checks_do_not_change_the_version_of_a_connector()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await CheckAsync();
        using var before = await alice.Client.GetAsync(path);

        await CheckAsync();
        using var after = await alice.Client.GetAsync(path);

        Assert.That(after.Headers.ETag, Is.EqualTo(before.Headers.ETag));
    }

    [Test]
    public async Task A_paused_connector_is_left_alone()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        using var paused = await alice.Client.PatchAsJsonAsync(path, new { paused = true });

        await CheckAsync();

        Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("paused"));
        Assert.That((await GetAsync(alice.Client, $"{path}/health")).GetProperty("checked_at").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Checks_are_spread_over_the_period()
    {
        var alice = await SignInAsync();
        for (var number = 0; number < 12; number++)
        {
            await ConnectAsync(alice.Client, PostgresBody($"Shop {number}"));
        }

        await Application.Services.CreateScope().ServiceProvider.GetRequiredService<CheckHealthJob>().RunAsync(default);

        Assert.That(
            await Application.ScalarAsync<double>(
                "select extract(epoch from max(next_check_at) - min(next_check_at))::float8 from connectors.connector_health"),
            Is.GreaterThan(4));
    }

    [Test]
    public async Task A_sync_that_failed_at_a_source_that_answers_stays_on_record()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await SyncAsync(alice.Client, path, "missing");

        await CheckAsync();
        await CheckAsync();
        var connector = await GetAsync(alice.Client, path);
        await SyncAsync(alice.Client, path, "orders");

        Assert.That(connector.GetProperty("status").GetString(), Is.EqualTo("error"));
        Assert.That(connector.GetProperty("status_code").GetString(), Is.EqualTo("query_failed"));
        Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("active"));
    }

    [Test]
    public async Task Only_the_owner_sees_the_health()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var path = await ConnectAsync(alice.Client);
        await CheckAsync();

        using var response = await bob.Client.GetAsync($"{path}/health");

        await ExpectProblemAsync(response, 404, "connector_not_found");
    }

    [Test]
    public async Task A_schedule_goes_by_the_clock_of_its_zone()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        using var scheduled = await alice.Client.PatchAsJsonAsync(path, new { schedule = "30 9 * * *", time_zone = "Asia/Kolkata" });
        using var moved = await alice.Client.PatchAsJsonAsync(path, new { time_zone = "Asia/Tokyo" });
        using var wrong = await alice.Client.PatchAsJsonAsync(path, new { time_zone = "Middle/Earth" });

        var first = (await ExpectJsonAsync(scheduled)).GetProperty("next_sync_at").GetDateTimeOffset();
        var second = (await ExpectJsonAsync(moved)).GetProperty("next_sync_at").GetDateTimeOffset();
        Assert.That(first.UtcDateTime.TimeOfDay, Is.EqualTo(TimeSpan.FromHours(4)));
        Assert.That(second.UtcDateTime.TimeOfDay, Is.EqualTo(new TimeSpan(0, 30, 0)));
        await ExpectProblemAsync(wrong, 422, "validation_failed");
    }

    [Test]
    public async Task A_schedule_starts_no_sync_beside_one_that_runs()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        using var scheduled = await alice.Client.PatchAsJsonAsync(path, new { schedule = "* * * * *" });
        await PostAsync(alice.Client, $"{path}/sync", new { }, HttpStatusCode.Accepted);
        await ExecuteAsync("update connectors.connectors set next_sync_at = now() - interval '3 hours'");

        await Application.Services.CreateScope().ServiceProvider.GetRequiredService<SweepSyncsJob>().RunAsync(default);

        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.sync_runs"), Is.EqualTo(1));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from connectors.connectors where next_sync_at > now()"), Is.EqualTo(1));
    }

    /// <summary>The next check of every connector, whenever it would be due.</summary>
    private static async Task CheckAsync()
    {
        var job = Application.Services.CreateScope().ServiceProvider.GetRequiredService<CheckHealthJob>();
        if (await Application.ScalarAsync<long>("select count(*) from connectors.connector_health") == 0)
        {
            await job.RunAsync(default);
        }

        await ExecuteAsync("update connectors.connector_health set next_check_at = now()");
        await job.RunAsync(default);
    }
}
