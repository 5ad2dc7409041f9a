using Platform.Connectors.Tests.Sources;
using Platform.Testing;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Platform.Connectors.Tests.Features;

/// <summary>
/// Kill -9 of the Host at random points of an incremental sync, while the source changes in between. How often and how large:
/// <c>PLATFORM_SYNC_KILLS</c> and <c>PLATFORM_SYNC_ROWS</c>.
/// </summary>
public sealed class KilledSyncTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    // A part of one megabyte is a place to go on from; the lease of a dead worker runs out soon.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Connectors__SyncPartMegabytes"] = "1",
        ["Connectors__SyncLeaseSeconds"] = "5",
        ["Connectors__SyncMaxAttempts"] = "100",
    };

    private static readonly int Kills = Read("PLATFORM_SYNC_KILLS", 3);
    private static readonly int Rows = Read("PLATFORM_SYNC_ROWS", 100_000);
    private readonly Random _random = new(Read("PLATFORM_SYNC_SEED", Environment.TickCount));
    private string _dataDirectory = "";
    private string _url = "";

    private static SourcePostgres Source => ConnectorTest.Source;

    [SetUp]
    public async Task CreateSourceAsync()
    {
        _dataDirectory = Path.Combine(Path.GetTempPath(), $"platform-kill-{Path.GetRandomFileName()}");
        _url = $"http://127.0.0.1:{HostProcess.FreePort()}";
        await Source.ExecuteAsync(
            $"""
            drop table if exists movements;
            create sequence if not exists movements_changed;
            create table movements (id bigint primary key, changed bigint not null default nextval('movements_changed'), what text not null);
            insert into movements (id, what) select i, 'movement ' || md5(i::text) from generate_series(1, {Rows}) as i;
            create index on movements (changed);
            grant select on movements to reader
            """);
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await Source.ExecuteAsync("drop table movements; drop sequence movements_changed");
        Directory.Delete(_dataDirectory, recursive: true);
    }

    [Test]
    public async Task The_dataset_equals_the_source_however_often_the_host_is_killed()
    {
        var (resumed, path) = (0, "");
        HttpClient? client = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var host = await HostProcess.StartAsync(_dataDirectory, _url, Settings);
            if (client is null)
            {
                client = await host.SignUpAsync(_dataDirectory, "ada@example.com");
                path = await ConnectAsync(client);
            }

            await ExpectNothingAheadAsync(client, path);
            await ChangeSourceAsync();
            await EventuallyAsync(async () => await IsRunningAsync(client, path));
            await Task.Delay(_random.Next(50, 2500));
            resumed += await IsRunningAsync(client, path) ? 1 : 0;
            await host.KillAsync();
        }

        using (var host = await HostProcess.StartAsync(_dataDirectory, _url, Settings))
        {
            await ExpectNothingAheadAsync(client!, path);
            await EventuallyAsync(async () => !await IsRunningAsync(client!, path, start: false));
            await SyncAsync(client!, path, host);
            await ExpectEqualAsync(client!, path);
            await host.StopAsync();
        }

        client!.Dispose();
        TestContext.Out.WriteLine($"{Kills} kills, {resumed} of them in the middle of a sync of {Rows} rows");
    }

    private static int Read(string name, int value) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : value;

    private static async Task EventuallyAsync(Func<Task<bool>> condition) => await PlatformTest.EventuallyAsync(condition, Patience);

    private static async Task<string> ConnectAsync(HttpClient client)
    {
        var created = await PostAsync(client, "/api/v1/connectors", new
        {
            name = "Movements",
            type = "postgres",
            config = new { host = "localhost", port = Source.Port, database = "shop", username = "reader" },
            credentials = new { password = "reader password" },
        });
        var path = $"/api/v1/connectors/{created.GetProperty("id").GetString()}";
        using var patched = await client.PatchAsJsonAsync(
            $"{path}/streams/movements", new { mode = "incremental", cursor_column = "changed" });
        patched.EnsureSuccessStatusCode();
        return path;
    }

    /// <summary>Whether a sync is at work; where none is, one is started.</summary>
    private static async Task<bool> IsRunningAsync(HttpClient client, string path, bool start = true)
    {
        var syncs = (await client.GetFromJsonAsync<JsonElement>($"{path}/syncs?limit=1")).GetProperty("items");
        var status = syncs.GetArrayLength() == 0 ? "none" : syncs[0].GetProperty("status").GetString();
        Assert.That(status, Is.Not.EqualTo("failed"), syncs.GetRawText());
        if (start && status is "none" or "succeeded")
        {
            await PostAsync(client, $"{path}/sync", new { streams = new[] { "movements" } });
        }

        return status is "queued" or "running";
    }

    private static async Task SyncAsync(HttpClient client, string path, HostProcess host)
    {
        await PostAsync(client, $"{path}/sync", new { streams = new[] { "movements" } });
        await EventuallyAsync(async () => !await IsRunningAsync(client, path, start: false));
        var syncs = (await client.GetFromJsonAsync<JsonElement>($"{path}/syncs?limit=1")).GetProperty("items");
        Assert.That(syncs[0].GetProperty("status").GetString(), Is.EqualTo("succeeded"), host.Output);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonElement.Parse(text);
    }

    private static async Task<JsonElement> AskAsync(HttpClient client, string path, string sql) =>
        (await PostAsync(client, $"{path}/query", new { source = "dataset", query = sql })).GetProperty("rows")[0];

    private static async Task ExpectEqualAsync(HttpClient client, string path)
    {
        const string digest = "count(*), md5(string_agg(id || ':' || changed || ':' || what, ',' order by id))";
        var dataset = await AskAsync(client, path, $"select {digest} from movements");
        await using var connection = new NpgsqlConnection(Source.ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"select {digest} from movements", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        Assert.That(dataset[0].GetInt64(), Is.EqualTo(reader.GetInt64(0)));
        Assert.That(dataset[1].GetString(), Is.EqualTo(reader.GetString(1)));
        var streams = (await client.GetFromJsonAsync<JsonElement>($"{path}/streams")).GetProperty("items");
        Assert.That(streams[0].GetProperty("row_count").GetInt64(), Is.EqualTo(reader.GetInt64(0)));
    }

    /// <summary>All that the cursor has passed is in the dataset.</summary>
    private static async Task ExpectNothingAheadAsync(HttpClient client, string path)
    {
        // Nothing of the source has changed since the kill; a sync that is at work again only adds.
        var streams = (await client.GetFromJsonAsync<JsonElement>($"{path}/streams")).GetProperty("items");
        if (streams.GetArrayLength() == 0 || streams[0].GetProperty("cursor").GetProperty("value").GetString() is not { } cursor)
        {
            return;
        }

        // Rows that changed since may stand there in their old version as well; what is lost for good shows in the end.
        var passed = await Source.AskAsync<long>($"select count(*) from movements where changed <= {cursor}");
        if (streams[0].GetProperty("last_sync").ValueKind == JsonValueKind.Null)
        {
            // A dataset that was never complete is not shown; its files tell how many rows they have.
            Assert.That(streams[0].GetProperty("row_count").GetInt64(), Is.GreaterThanOrEqualTo(passed));
            return;
        }

        var kept = await AskAsync(client, path, $"select count(*) filter (where changed <= {cursor}), max(changed) from movements");
        Assert.That(kept[0].GetInt64(), Is.GreaterThanOrEqualTo(passed), $"The cursor stands at {cursor}, ahead of the data.");
        Assert.That(kept[1].GetInt64(), Is.GreaterThanOrEqualTo(long.Parse(cursor, CultureInfo.InvariantCulture)));
    }

    private static Task ChangeSourceAsync() => Source.ExecuteAsync(
        $"""
        update movements set what = 'changed ' || changed, changed = nextval('movements_changed')
        where id in (select (random() * {Rows})::bigint from generate_series(1, {Rows / 20}))
        """);
}
