using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Features.Syncs;
using Platform.Connectors.Jobs;
using Platform.Connectors.Tests.Sources;

namespace Platform.Connectors.Tests.Features;

public sealed class SyncsTests : SyncTest
{
    [Test]
    public async Task Reads_a_source_into_datasets()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        var sync = await SyncAsync(alice.Client, path);
        var streams = await GetAsync(alice.Client, $"{path}/streams");
        var connector = await GetAsync(alice.Client, path);
        var events = await alice.Client.GetStringAsync($"/api/v1/syncs/{Id(sync)}/events");

        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("succeeded"), sync.GetRawText());
        Assert.That(sync.GetProperty("rows_read").GetInt64(), Is.EqualTo(31));
        Assert.That(sync.GetProperty("progress").GetProperty("orders").GetProperty("done").GetBoolean());
        Assert.That(
            streams.GetProperty("items").EnumerateArray()
                .Select(stream => $"{stream.GetProperty("name").GetString()} {stream.GetProperty("row_count").GetInt64()}"),
            Is.EqualTo(["archive.orders 1", "orders 30"]));
        Assert.That(
            streams.GetProperty("items")[1].GetProperty("schema").GetRawText(),
            Does.Contain("""{"name":"total","type":"decimal"}""").And.Contain("""{"name":"placed_on","type":"date"}"""));
        Assert.That(connector.GetProperty("status").GetString(), Is.EqualTo("active"));
        Assert.That(connector.GetProperty("last_sync").ValueKind, Is.EqualTo(JsonValueKind.String));
        Assert.That(
            events.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)),
            Is.EqualTo(["event: sync.queued", "event: sync.started", "event: stream.finished", "event: stream.finished", "event: sync.finished"]));
        Assert.That(
            await Application.ScalarAsync<long>(
                "select count(*) from platform.outbox where name = 'connectors.connector-synced.v1'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Answers_over_datasets_page_by_page_and_in_sql()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await SyncAsync(alice.Client, path);

        var first = await GetAsync(alice.Client, $"{path}/datasets/orders/rows?limit=20");
        var second = await GetAsync(
            alice.Client, $"{path}/datasets/orders/rows?limit=20&cursor={first.GetProperty("next_cursor").GetString()}");
        var result = await PostAsync(
            alice.Client, $"{path}/query",
            new { source = "dataset", query = "select o.id, a.note from orders o join archive.orders a on a.id = o.id where total > :t", parameters = new { t = 1 } },
            HttpStatusCode.OK);

        Assert.That(first.GetProperty("rows").GetArrayLength(), Is.EqualTo(20));
        Assert.That(first.GetProperty("rows")[0].GetRawText(), Is.EqualTo("""[1,"customer 1",1.50,"2026-01-02"]"""));
        Assert.That(second.GetProperty("rows").GetArrayLength(), Is.EqualTo(10));
        Assert.That(second.GetProperty("rows")[0][0].GetInt32(), Is.EqualTo(21));
        Assert.That(second.GetProperty("next_cursor").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(result.GetProperty("rows").GetRawText(), Is.EqualTo("""[[1,{"a": 1}]]""").Or.EqualTo("""[[1,{"a":1}]]"""));

        await SyncAsync(alice.Client, path);
        using var stale = await alice.Client.GetAsync(
            $"{path}/datasets/orders/rows?limit=20&cursor={first.GetProperty("next_cursor").GetString()}");
        await ExpectProblemAsync(stale, 409, "dataset_changed");
    }

    [Test]
    public async Task Joins_datasets_and_files_of_several_connectors()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var shop = await ConnectAsync(alice.Client);
        await SyncAsync(alice.Client, shop);
        var upload = await UploadAsync(alice.Client, "seattle-weather-excerpt.csv");
        var weather = await ConnectAsync(
            alice.Client, new { name = "W", type = "file", config = new { upload_id = upload, format = "csv", table = "weather" } });
        var body = new
        {
            sql = "select count(*) from orders o join w on dayofyear(w.date) = dayofyear(o.placed_on) where w.weather = $1",
            datasets = new object[] { new { connector_id = LastPart(
                shop), name = "orders" }, new { connector_id = LastPart(weather), @as = "w" } },
            parameters = new[] { "rain" },
        };

        var joined = await PostAsync(alice.Client, "/api/v1/query", body, HttpStatusCode.OK);
        using var stolen = await bob.Client.PostAsJsonAsync("/api/v1/query", body);

        Assert.That(joined.GetProperty("rows")[0][0].GetInt32(), Is.InRange(1, 30));
        await ExpectProblemAsync(stolen, 404, "connector_not_found");
    }

    [Test]
    public async Task Reads_only_what_is_new_of_an_incremental_stream()
    {
        var alice = await SignInAsync();
        await Source.ExecuteAsync(
            "create table events (id bigint, what text); insert into events values (1, 'a'), (2, 'b'); grant select on events to reader");
        var path = await ConnectAsync(alice.Client);
        using var patched = await alice.Client.PatchAsJsonAsync(
            $"{path}/streams/events", new { mode = "incremental", cursor_column = "id" });

        var first = await SyncAsync(alice.Client, path, "events");
        await Source.ExecuteAsync("update events set what = 'changed' where id = 1; insert into events values (3, 'c')");
        var second = await SyncAsync(alice.Client, path, "events");
        var third = await SyncAsync(alice.Client, path, "events");
        var rows = await GetAsync(alice.Client, $"{path}/datasets/events/rows");
        using var reset = await alice.Client.PostAsJsonAsync($"{path}/streams/events/reset", new { });
        var anew = await SyncAsync(alice.Client, path, "events");
        await Source.ExecuteAsync("drop table events");

        Assert.That((await ExpectJsonAsync(patched)).GetProperty("mode").GetString(), Is.EqualTo("incremental"));
        var rowsRead = new[] { first, second, third, anew }.Select(sync => sync.GetProperty("rows_read").GetInt64());
        Assert.That(rowsRead, Is.EqualTo([2, 1, 0, 3]));
        Assert.That(rows.GetProperty("rows").GetRawText(), Is.EqualTo("""[[1,"a"],[2,"b"],[3,"c"]]"""));
        Assert.That((await ExpectJsonAsync(reset)).GetProperty("row_count").GetInt64(), Is.Zero);
    }

    [Test]
    public async Task Tells_why_a_sync_failed_and_keeps_the_dataset()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await SyncAsync(alice.Client, path, "orders");
        using var broken = await alice.Client.PatchAsJsonAsync(path, new { credentials = new { password = "wrong" } });

        var sync = await SyncAsync(alice.Client, path, "orders");
        var rows = await GetAsync(alice.Client, $"{path}/datasets/orders/rows");
        var log = await GetAsync(alice.Client, $"{path}/events-log");

        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("failed"));
        Assert.That(sync.GetProperty("error_code").GetString(), Is.EqualTo("authentication_failed"));
        Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("error"));
        Assert.That(rows.GetProperty("total_rows").GetInt64(), Is.EqualTo(30));
        Assert.That(log.GetProperty("items")[0].GetProperty("type").GetString(), Is.EqualTo("sync_failed"));
    }

    [Test]
    public async Task Runs_one_sync_of_a_connector_at_a_time_and_shows_it_to_nobody_else()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        var started = await PostAsync(alice.Client, $"{path}/sync", new { }, HttpStatusCode.Accepted);

        using var again = await alice.Client.PostAsJsonAsync($"{path}/sync", new { });
        using var read = await bob.Client.GetAsync($"/api/v1/syncs/{Id(started)}");
        using var watched = await bob.Client.GetAsync($"/api/v1/syncs/{Id(started)}/events");
        using var cancelled = await bob.Client.PostAsJsonAsync($"/api/v1/syncs/{Id(started)}/cancel", new { });
        using var own = await alice.Client.PostAsJsonAsync($"/api/v1/syncs/{Id(started)}/cancel", new { });

        await ExpectProblemAsync(again, 409, "sync_already_running");
        await ExpectProblemAsync(read, 404, "sync_not_found");
        await ExpectProblemAsync(watched, 404, "sync_not_found");
        await ExpectProblemAsync(cancelled, 404, "sync_not_found");
        Assert.That((await ExpectJsonAsync(own, HttpStatusCode.Accepted)).GetProperty("status").GetString(), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task Stops_a_sync_that_its_owner_cancels()
    {
        await using var api = await SourceApi.StartAsync();
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client, new { name = "Slow", type = "http", config = new { url = $"{api.Url}/slow" } });
        var started = await PostAsync(alice.Client, $"{path}/sync", new { streams = new[] { "data" } }, HttpStatusCode.Accepted);
        await Application.DeliverEventsAsync();
        var work = Application.RunJobsAsync();
        await EventuallyAsync(
            async () => (await GetAsync(alice.Client, $"/api/v1/syncs/{Id(started)}")).GetProperty("status").GetString() == "running");

        using var cancelled = await alice.Client.PostAsJsonAsync($"/api/v1/syncs/{Id(started)}/cancel", new { });
        await work;

        var sync = await GetAsync(alice.Client, $"/api/v1/syncs/{Id(started)}");
        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task Finishes_after_a_kill_and_refuses_what_the_dead_worker_writes()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        var started = await PostAsync(alice.Client, $"{path}/sync", new { streams = new[] { "orders" } }, HttpStatusCode.Accepted);
        var id = Guid.Parse(Id(started));
        // A worker that took it up and died: its lease runs out, and its job is gone.
        await ExecuteAsync(
            $"update connectors.sync_runs set status = 'running', fence = 7, attempts = 1, lease_until = now() - interval '1 second', available_at = now() where id = '{id}'");

        await Application.Services.CreateScope().ServiceProvider.GetRequiredService<SweepSyncsJob>().RunAsync(default);
        await Application.RunJobsAsync();
        var late = Application.Services.GetRequiredService<SyncWork>().RunAsync(id, alice.Id, default);

        var sync = await GetAsync(alice.Client, $"/api/v1/syncs/{id}");
        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("succeeded"), sync.GetRawText());
        Assert.That(await Application.ScalarAsync<long>("select fence from connectors.sync_runs"), Is.EqualTo(8));
        Assert.That(async () => await late, Throws.Nothing);
    }

    [Test]
    public async Task Gives_a_sync_up_that_never_comes_to_an_end()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        var started = await PostAsync(alice.Client, $"{path}/sync", new { }, HttpStatusCode.Accepted);
        await ExecuteAsync(
            "update connectors.sync_runs set status = 'running', attempts = 5, lease_until = now() - interval '1 second', available_at = now()");

        await Application.Services.CreateScope().ServiceProvider.GetRequiredService<SweepSyncsJob>().RunAsync(default);

        var sync = await GetAsync(alice.Client, $"/api/v1/syncs/{Id(started)}");
        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("failed"));
        Assert.That(sync.GetProperty("error_code").GetString(), Is.EqualTo("sync_abandoned"));
        Assert.That((await GetAsync(alice.Client, path)).GetProperty("status").GetString(), Is.EqualTo("error"));
    }

    [Test]
    public async Task Syncs_on_schedule()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        using var scheduled = await alice.Client.PatchAsJsonAsync(path, new { schedule = "0 3 * * *" });
        using var wrong = await alice.Client.PatchAsJsonAsync(path, new { schedule = "whenever" });
        await ExecuteAsync("update connectors.connectors set next_sync_at = now() - interval '1 minute'");

        await Application.Services.CreateScope().ServiceProvider.GetRequiredService<SweepSyncsJob>().RunAsync(default);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();

        var syncs = await GetAsync(alice.Client, $"{path}/syncs");
        await ExpectProblemAsync(wrong, 422, "validation_failed");
        Assert.That((await ExpectJsonAsync(scheduled)).GetProperty("next_sync_at").GetDateTimeOffset().Hour, Is.EqualTo(3));
        Assert.That(syncs.GetProperty("items")[0].GetProperty("trigger").GetString(), Is.EqualTo("schedule"));
        Assert.That(syncs.GetProperty("items")[0].GetProperty("status").GetString(), Is.EqualTo("succeeded"));
        Assert.That(await Application.ScalarAsync<long>(
            "select count(*) from connectors.connectors where next_sync_at > now()"), Is.EqualTo(1));
    }

    [Test]
    public async Task Replaces_the_files_of_a_dataset_and_removes_them_with_the_connector()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await SyncAsync(alice.Client, path, "orders");
        await SyncAsync(alice.Client, path, "orders");
        await Application.DeliverEventsAsync();
        var files = await Application.ScalarAsync<long>("select count(*) from storage.objects where bucket_id = 'datasets'");

        using var deleted = await alice.Client.DeleteAsync(path);
        await Application.DeliverEventsAsync();

        Assert.That(files, Is.EqualTo(1));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from storage.objects where bucket_id = 'datasets'"), Is.Zero);
    }
}
