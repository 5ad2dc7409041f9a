using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Jobs;
using Platform.Connectors.Tests.Sources;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Tests.Features;

/// <summary>
/// Secrets are planted in connectors of every type, the connectors are used in every way, well and badly, and then looked for in all that
/// leaves the process: answers, logs, traces, the stream that Realtime sends, and every row of every table.
/// </summary>
public sealed class SecretsCanaryTests : SyncTest
{
    private const string Marker = "canary0";
    private readonly List<string> _seen = [];
    private readonly List<string> _planted = [];

    [Test]
    public async Task No_planted_secret_leaves_the_process()
    {
        // Our own statement at the source names the secret, and would be traced.
        var right = Plant();
        await Source.ExecuteAsync($"create role {Marker} login password '{right}'; grant select on orders to {Marker}");
        using var logs = new LogRecorder(_seen);
        using var traces = ListenToTraces();
        Application.Services.GetRequiredService<ILoggerFactory>().AddProvider(logs);
        var (alice, bob, staff) = (await SignInAsync(), await SignInAsync(), await SignInAsync("admin"));
        await CreateSlotAsync();
        try
        {
            foreach (var body in await PlantAsync(alice.Client, right))
            {
                await UseAsync(alice.Client, bob.Client, body);
            }

            await CheckAndSyncAsync();
            await ReadAllAsync(alice.Client);
            await KeepAsync(staff.Client.GetAsync("/api/v1/admin/connectors?limit=100"));
            await KeepAsync(staff.Client.GetAsync("/api/v1/admin/keys"));
            _seen.Add((await ExportAsync(alice.Id)).GetRawText());
            _seen.AddRange(await ReadSlotAsync());
        }
        finally
        {
            await ExecuteAsync("select pg_drop_replication_slot('canary')");
        }

        _seen.AddRange(await DumpAsync());

        Assert.That(_planted, Has.Count.GreaterThan(8));
        Assert.That(_seen, Has.Count.GreaterThan(500));
        // What was looked through is what there is: the names of the connectors are in it, many times.
        Assert.That(_seen.Count(text => text.Contains("Canary of", StringComparison.Ordinal)), Is.GreaterThan(10));
        var found = _seen.Where(text => _planted.Exists(secret => IsIn(text, secret))).Select(text => text[..Math.Min(text.Length, 300)]);
        Assert.That(found, Is.Empty);
    }

    private static bool IsIn(string text, string secret) =>
        text.Contains(secret, StringComparison.OrdinalIgnoreCase)
        || text.Contains(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase)
        || text.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))[..^4], StringComparison.Ordinal);

    private static ActivityListener ListenTo(Action<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private ActivityListener ListenToTraces() => ListenTo(activity =>
    {
        var tags = activity.TagObjects.Concat(activity.Events.SelectMany(one => one.Tags)).Select(tag => $"{tag.Key}={tag.Value}");
        lock (_seen)
        {
            _seen.Add($"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', tags)}");
        }
    });

    /// <summary>A connector of every type as its example says, and some that reach a source, with the right secret and a wrong one.</summary>
    private async Task<List<JsonNode>> PlantAsync(HttpClient client, string right)
    {
        var bodies = new List<JsonNode>();
        using var response = await client.GetAsync("/api/v1/connector-types");
        foreach (var type in (await ExpectJsonAsync(response)).EnumerateArray())
        {
            var body = JsonNode.Parse(type.GetProperty("example").GetRawText())!;
            body["name"] = $"Canary of {type.GetProperty("type").GetString()}";
            body["credentials"] = SecretsOf(type.GetProperty("credentials_schema"));
            bodies.Add(body);
        }

        foreach (var (name, password) in new[] { ("right", right), ("wrong", Plant()) })
        {
            bodies.Add(JsonSerializer.SerializeToNode(new
            {
                name = $"Canary of a {name} password",
                type = "postgres",
                config = new { host = "localhost", port = Source.Port, database = "shop", username = Marker },
                credentials = new { password },
            })!);
        }

        return bodies;
    }

    [TearDown]
    public Task DropRoleAsync() => Source.ExecuteAsync(
        $"do $$ begin if to_regrole('{Marker}') is not null then drop owned by {Marker}; drop role {Marker}; end if; end $$");

    private JsonObject SecretsOf(JsonElement schema)
    {
        var secrets = new JsonObject();
        if (schema.TryGetProperty("properties", out var fields))
        {
            foreach (var field in fields.EnumerateObject().Where(field => !field.Value.TryGetProperty("enum", out _)))
            {
                secrets[field.Name] = Plant();
            }
        }

        return secrets;
    }

    private string Plant()
    {
        var secret = $"{Marker}{Guid.CreateVersion7():N}";
        _planted.Add(secret);
        return secret;
    }

    private async Task UseAsync(HttpClient client, HttpClient other, JsonNode body)
    {
        await KeepAsync(client.PostAsJsonAsync("/api/v1/connectors/test", body));
        var created = await KeepAsync(client.PostAsJsonAsync("/api/v1/connectors", body));
        await KeepAsync(client.PostAsJsonAsync("/api/v1/connectors", body));
        if (!JsonElement.Parse(created).TryGetProperty("id", out var id))
        {
            // An example may name things that are not there, such as an upload; it was refused without a word of the secret.
            return;
        }

        var path = $"/api/v1/connectors/{id.GetString()}";
        await KeepAsync(client.PatchAsJsonAsync(path, new { credentials = new { no_such_field = Plant() } }));
        await KeepAsync(client.PatchAsJsonAsync(path, new { credentials = Plant() }));
        await KeepAsync(client.PatchAsJsonAsync(path, new { config = new { no_such_field = 1 }, credentials = body["credentials"] }));
        await KeepAsync(client.PatchAsJsonAsync(path, new { credentials = body["credentials"] }));
        await KeepAsync(client.PostAsJsonAsync($"{path}/test", new { }));
        await KeepAsync(client.PostAsJsonAsync($"{path}/query", new { query = "select * from orders" }));
        await KeepAsync(client.PostAsJsonAsync($"{path}/query", new { query = "select nothing from nowhere where" }));
        await KeepAsync(client.GetAsync($"{path}/schema"));
        await KeepAsync(client.PostAsJsonAsync($"{path}/sync", new { }));
        await KeepAsync(other.GetAsync(path));
        await KeepAsync(other.PostAsJsonAsync($"{path}/test", new { }));
    }

    private static async Task CheckAndSyncAsync()
    {
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
        var job = Application.Services.CreateScope().ServiceProvider.GetRequiredService<CheckHealthJob>();
        await job.RunAsync(default);
        await ExecuteAsync("update connectors.connector_health set next_check_at = now()");
        await job.RunAsync(default);
        await Application.DeliverEventsAsync();
    }

    private async Task ReadAllAsync(HttpClient client)
    {
        var connectors = JsonElement.Parse(await KeepAsync(client.GetAsync("/api/v1/connectors?limit=100"))).GetProperty("items");
        foreach (var id in connectors.EnumerateArray().Select(one => one.GetProperty("id").GetString()))
        {
            var path = $"/api/v1/connectors/{id}";
            foreach (var part in new[] { "", "/health", "/events-log?limit=100", "/streams", "/schema" })
            {
                await KeepAsync(client.GetAsync($"{path}{part}"));
            }

            var syncs = JsonElement.Parse(await KeepAsync(client.GetAsync($"{path}/syncs"))).GetProperty("items");
            foreach (var sync in syncs.EnumerateArray().Select(one => one.GetProperty("id").GetString()))
            {
                await KeepAsync(client.GetAsync($"/api/v1/syncs/{sync}"));
                await KeepAsync(client.GetAsync($"/api/v1/syncs/{sync}/events"));
            }
        }
    }

    private async Task<string> KeepAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.LessThan(500), text);
        lock (_seen)
        {
            _seen.Add($"{text} {response.Headers}");
        }

        return text;
    }

    private static async Task<JsonElement> ExportAsync(Guid person)
    {
        await using var scope = Application.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(person);
        return await scope.ServiceProvider.GetRequiredService<MediatR.IMediator>().Send(new ExportConnectorsQuery());
    }

    // Realtime sends what this publication's stream holds, and nothing else.
    private static Task CreateSlotAsync() => ExecuteAsync("select pg_create_logical_replication_slot('canary', 'pgoutput')");

    private static async Task<IEnumerable<string>> ReadSlotAsync()
    {
        var messages = await ReadAsync(
            """
            select encode(data, 'hex') from pg_logical_slot_peek_binary_changes(
              'canary', null, null, 'proto_version', '1', 'publication_names', 'supabase_realtime')
            """);
        return messages.Select(message => Encoding.Latin1.GetString(Convert.FromHexString(message)));
    }

    /// <summary>Every row of every table, Hangfire's with the arguments of jobs among them.</summary>
    private static async Task<List<string>> DumpAsync()
    {
        var tables = await ReadAsync(
            """
            select format('select one::text from %I.%I as one', n.nspname, c.relname)
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
            """);
        Assert.That(tables.Exists(table => table.Contains("hangfire.", StringComparison.Ordinal)), "Hangfire's tables are not there.");
        var rows = new List<string>();
        foreach (var table in tables)
        {
            rows.AddRange(await ReadAsync(table));
        }

        return rows;
    }

    private static async Task<List<string>> ReadAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync())
        {
            texts.Add(reader.IsDBNull(0) ? "" : reader.GetString(0));
        }

        return texts;
    }
}
