using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Platform.Connectors.Tests.Features;

/// <summary>Streams that are read by a column that grows, and datasets in which each key stands once.</summary>
public sealed class IncrementalSyncsTests : SyncTest
{
    private string _connector = "";
    private HttpClient _client = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        await Source.ExecuteAsync(
            """
            drop table if exists items;
            create table items (id bigint primary key, name text, price numeric(10,2), changed int not null);
            insert into items select i, 'item ' || i, i, i from generate_series(1, 100) as i;
            grant select on items to reader
            """);
        var alice = await SignInAsync();
        (_client, _connector) = (alice.Client, await ConnectAsync(alice.Client));
    }

    [TearDown]
    public Task DropAsync() => Source.ExecuteAsync("drop table if exists items");

    [Test]
    public async Task A_reader_sees_each_key_once_in_its_latest_version()
    {
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed" });

        await SyncAsync(_client, _connector, "items");
        await Source.ExecuteAsync(
            """
            update items set name = 'changed', changed = 101 where id in (3, 77);
            insert into items values (101, 'new', 1, 102)
            """);
        await SyncAsync(_client, _connector, "items");
        await Source.ExecuteAsync("update items set name = 'again', changed = 103 where id = 3");
        await SyncAsync(_client, _connector, "items");

        Assert.That(
            await AskAsync("select count(*), count(distinct id), string_agg(name, ',' order by id) filter (where id in (3, 77, 101)) from items"),
            Is.EqualTo("""[[101,101,"again,changed,new"]]"""));
        var stream = await StreamAsync();
        Assert.That(stream.GetProperty("row_count").GetInt64(), Is.EqualTo(101));
        Assert.That(stream.GetProperty("dataset_key").GetRawText(), Is.EqualTo("""["id"]"""));
        var rows = await GetAsync(_client, $"{_connector}/datasets/items/rows?limit=100");
        var rest = await GetAsync(_client, $"{_connector}/datasets/items/rows?limit=100&cursor={rows.GetProperty("next_cursor").GetString()}");
        Assert.That(rows.GetProperty("rows").GetArrayLength() + rest.GetProperty("rows").GetArrayLength(), Is.EqualTo(101));
        Assert.That(rest.GetProperty("next_cursor").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Rows_that_share_the_last_cursor_value_are_not_missed()
    {
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed" });
        await SyncAsync(_client, _connector, "items");
        // Of another transaction, at the same moment as the newest row that was read.
        await Source.ExecuteAsync("insert into items values (200, 'late', 1, 100)");

        await SyncAsync(_client, _connector, "items");

        Assert.That(await AskAsync("select count(*) from items where id = 200"), Is.EqualTo("[[1]]"));
    }

    [Test]
    public async Task Many_small_files_become_one()
    {
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed" });
        for (var turn = 0; turn < 18; turn++)
        {
            await Source.ExecuteAsync($"update items set name = 'turn {turn}', changed = {200 + turn} where id = {turn + 1}");
            await SyncAsync(_client, _connector, "items");
        }

        await Application.DeliverEventsAsync();

        Assert.That(
            await Application.ScalarAsync<long>("select jsonb_array_length(files)::bigint from connectors.connector_streams"), Is.LessThan(5));
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) from storage.objects where bucket_id = 'datasets'"),
            Is.EqualTo(await Application.ScalarAsync<long>("select jsonb_array_length(files)::bigint from connectors.connector_streams")));
        Assert.That(
            await AskAsync("select count(*), count(distinct id), count(*) filter (where name = 'turn ' || (id - 1)) from items"),
            Is.EqualTo("[[100,100,18]]"));
    }

    [Test]
    public async Task A_dataset_stays_readable_when_the_source_changes_its_columns()
    {
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed" });
        await SyncAsync(_client, _connector, "items");
        await Source.ExecuteAsync(
            """
            alter table items drop column name, add column color text, alter column price type boolean using price > 5;
            alter table items add column made timestamptz default '2026-01-01Z';
            update items set color = 'red', changed = 500 where id = 1
            """);

        var sync = await SyncAsync(_client, _connector, "items");
        var again = await SyncAsync(_client, _connector, "items");

        Assert.That(sync.GetProperty("status").GetString(), Is.EqualTo("succeeded"), sync.GetRawText());
        Assert.That(again.GetProperty("status").GetString(), Is.EqualTo("succeeded"), again.GetRawText());
        Assert.That(
            await AskAsync("select id, name, price, color, made from items where id in (1, 2) order by id"),
            Is.EqualTo("""[[1,null,"false","red","2026-01-01T00:00:00Z"],[2,"item 2","2.00",null,null]]"""));
        var changes = (await GetAsync(_client, $"{_connector}/events-log")).GetProperty("items").EnumerateArray()
            .Where(entry => entry.GetProperty("type").GetString() == "stream_schema_changed").ToList();
        Assert.That(changes, Has.Count.EqualTo(1));
        Assert.That(
            changes[0].GetProperty("data").GetRawText().Replace(" ", "", StringComparison.Ordinal),
            Does.Contain("\"added\":[\"color\",\"made\"]").And.Contain("\"dropped\":[\"name\"]").And.Contain("\"retyped\":[\"price\"]"));
    }

    [Test]
    public async Task A_stream_is_merged_by_the_key_that_its_owner_names()
    {
        await Source.ExecuteAsync("alter table items drop constraint items_pkey; insert into items values (1, 'twice', 1, 101)");
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed", primary_key = new[] { "id" } });

        await SyncAsync(_client, _connector, "items");

        Assert.That(await AskAsync("select count(*), min(name) filter (where id = 1) from items"), Is.EqualTo("""[[100,"twice"]]"""));
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed", primary_key = new[] { "nothing" } });
        var wrong = await SyncAsync(_client, _connector, "items");
        Assert.That(wrong.GetProperty("error_code").GetString(), Is.EqualTo("invalid_config"));
        using var empty = await _client.PatchAsJsonAsync(
            $"{_connector}/streams/items", new { mode = "full", primary_key = Array.Empty<string>() });
        await ExpectProblemAsync(empty, 422, "validation_failed");
    }

    [Test]
    public async Task A_stream_that_is_reset_while_it_is_read_is_not_left_half()
    {
        await SetUpAsync(new { mode = "incremental", cursor_column = "changed" });
        await SyncAsync(_client, _connector, "items");
        await Source.ExecuteAsync("update items set changed = 300 where id = 5");
        var started = await PostAsync(_client, $"{_connector}/sync", new { streams = new[] { "items" } }, HttpStatusCode.Accepted);
        await Application.DeliverEventsAsync();
        // The source answers only when this lock is gone, so the reset comes in between.
        await using var locker = new NpgsqlConnection(Source.ConnectionString());
        await locker.OpenAsync();
        await using var transaction = await locker.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table items", locker, transaction))
        {
            await command.ExecuteNonQueryAsync();
        }

        var work = Task.Run(Application.RunJobsAsync);
        try
        {
            await EventuallyAsync(async () => await Source.AskAsync<long>("select count(*) from pg_locks where not granted") > 0);
            using var reset = await _client.PostAsJsonAsync($"{_connector}/streams/items/reset", new { });
            await ExpectJsonAsync(reset);
        }
        finally
        {
            await transaction.RollbackAsync();
            await work;
        }

        var sync = await GetAsync(_client, $"/api/v1/syncs/{Id(started)}");
        Assert.That(sync.GetProperty("error_code").GetString(), Is.EqualTo("stream_changed"), sync.GetRawText());
        await SyncAsync(_client, _connector, "items");
        Assert.That(await AskAsync("select count(*) from items"), Is.EqualTo("[[100]]"));
    }

    [Test]
    public async Task What_a_dead_attempt_has_left_in_storage_is_swept()
    {
        await SyncAsync(_client, _connector, "items");
        await ExecuteAsync(
            """
            insert into storage.objects (bucket_id, name, owner, owner_id, metadata, version)
            select bucket_id, replace(name, '.parquet', '-dead.parquet'), owner, owner_id, metadata, version from storage.objects
            where bucket_id = 'datasets'
            """);

        await SyncAsync(_client, _connector, "items");
        await Application.DeliverEventsAsync();

        Assert.That(await Application.ScalarAsync<long>("select count(*) from storage.objects where bucket_id = 'datasets'"), Is.EqualTo(1));
    }

    private async Task SetUpAsync(object body)
    {
        using var patched = await _client.PatchAsJsonAsync($"{_connector}/streams/items", body);
        await ExpectJsonAsync(patched);
    }

    private async Task<string> AskAsync(string sql)
    {
        var answer = await PostAsync(_client, $"{_connector}/query", new { source = "dataset", query = sql }, HttpStatusCode.OK);
        return answer.GetProperty("rows").GetRawText();
    }

    private async Task<JsonElement> StreamAsync() =>
        (await GetAsync(_client, $"{_connector}/streams")).GetProperty("items").EnumerateArray()
            .Single(stream => stream.GetProperty("name").GetString() == "items");
}
