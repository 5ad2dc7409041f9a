using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Host.Tests.Realtime;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>Kill -9 of the database under a Host that serves: callers are told so, and all of it works again by itself.</summary>
public sealed class DatabaseDeathTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private string _dataDirectory = "";
    private string _url = "";

    [SetUp]
    public void ChoosePlace()
    {
        _dataDirectory = Path.Combine(Path.GetTempPath(), $"platform-database-{Path.GetRandomFileName()}");
        _url = $"http://127.0.0.1:{HostProcess.FreePort()}";
    }

    [TearDown]
    public void RemoveFiles() => Directory.Delete(_dataDirectory, recursive: true);

    [TestCase(false, TestName = "A_session_of_the_database_that_is_killed_takes_all_others_with_it_and_work_goes_on")]
    [TestCase(true, TestName = "A_database_that_is_killed_is_started_again_and_work_goes_on")]
    public async Task Work_goes_on(bool whole)
    {
        await using var outside = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(300));
        using var host = await HostProcess.StartAsync(_dataDirectory, _url, new Dictionary<string, string> { ["Workflows__LeaseSeconds"] = "3" });
        using var client = await host.SignUpAsync(_dataDirectory, "ada@example.com");
        var (workflow, follower) = await PublishAsync(client, outside.Url);
        var chat = (await PostAsync(client, "/api/v1/chat/sessions", new { title = "Talk" })).GetProperty("id").GetGuid();
        await using var watcher = await WatchAsync(client);
        var before = await StartAsync(client, workflow, 6);
        using var stop = new CancellationTokenSource();
        var statuses = new ConcurrentBag<HttpStatusCode>();
        var asking = AskAsync(client, statuses, stop.Token);

        Kill(whole ? Postmaster() : ASession());
        await PlatformTest.EventuallyAsync(async () => await IsReadyAsync(client), Patience);
        await stop.CancelAsync();
        await asking;
        await PlatformTest.EventuallyAsync(() => Task.FromResult(watcher.Seen(IsSubscribed).Count == 2), Patience);
        var after = await StartAsync(client, workflow, 3);
        using var said = await client.PostAsJsonAsync($"/api/v1/chat/sessions/{chat}/messages", new { content = "Are you there?" });

        Assert.That(said.IsSuccessStatusCode, Is.True, await said.Content.ReadAsStringAsync());
        await PlatformTest.EventuallyAsync(async () => await AreAllAsync(client, [.. before, .. after], "succeeded"), Patience);
        await PlatformTest.EventuallyAsync(async () => await HasAnswerAsync(client, chat), Patience);
        await PlatformTest.EventuallyAsync(async () => await HasFiredAsync(client, follower), Patience);
        Assert.That(statuses.Distinct(), Is.SubsetOf(new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable }));
        await watcher.UntilAsync(frame => frame.Event == "postgres_changes" && IsOf(frame, after[^1]));
        await host.StopAsync();
    }

    private static bool IsSubscribed(ChannelFrame frame) => frame.Event == "system" && frame.Payload.GetProperty("status").GetString() == "ok";

    private static bool IsOf(ChannelFrame frame, Guid execution) =>
        frame.Payload.GetProperty("data").GetProperty("record").GetProperty("id").GetGuid() == execution;

    private async Task<ChannelSocket> WatchAsync(HttpClient client)
    {
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        var watcher = await ChannelSocket.JoinAsync(
            _url, _dataDirectory, token, "watch",
            new { postgres_changes = new[] { new { @event = "INSERT", schema = "workflows", table = "workflow_executions" } } });
        await watcher.UntilAsync(IsSubscribed);
        return watcher;
    }

    private static async Task AskAsync(HttpClient client, ConcurrentBag<HttpStatusCode> statuses, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var response = await client.GetAsync(new Uri("/api/v1/workflows", UriKind.Relative), CancellationToken.None);
            statuses.Add(response.StatusCode);
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private int Postmaster() =>
        int.Parse(File.ReadLines(Path.Combine(_dataDirectory, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    // proc(5): the parent's id is the second field after the name in brackets.
    private int ASession() => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, out _))
        .Select(name => (Id: int.Parse(name!, CultureInfo.InvariantCulture), Command: Read($"/proc/{name}/cmdline"), Stat: Read($"/proc/{name}/stat")))
        .First(entry => entry.Command.Contains("platform_worker", StringComparison.Ordinal)
            && entry.Stat[(entry.Stat.LastIndexOf(')') + 2)..].Split(' ')[1] == Postmaster().ToString(CultureInfo.InvariantCulture))
        .Id;

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Kill(int process)
    {
        using var kill = Process.Start("kill", ["-9", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static async Task<(string Workflow, string Follower)> PublishAsync(HttpClient client, string outside)
    {
        object Call(string key, params string[] dependsOn) =>
            new { key, type = "http_request", depends_on = dependsOn, with = new { method = "POST", url = outside, body = new { n = "{{ input.number }}" } } };
        var created = await PostAsync(client, "/api/v1/workflows", new { name = "calls", steps = new[] { Call("a"), Call("b", "a"), Call("c", "b") } });
        var path = $"/api/v1/workflows/{created.GetProperty("id").GetGuid()}";
        await PostAsync(client, $"{path}/publish", new { });
        var logged = await PostAsync(client, "/api/v1/workflows", new
        {
            name = "after each", steps = new[] { new { key = "note", type = "transform", with = new { value = "{{ input }}" } } },
        });
        var follower = $"/api/v1/workflows/{logged.GetProperty("id").GetGuid()}";
        await PostAsync(client, $"{follower}/publish", new { });
        var ofCalls = $"input.event.workflow_id == '{created.GetProperty("id").GetGuid()}'";
        await PostAsync(client, $"{follower}/triggers", new { type = "event", @event = "workflows.execution-finished.v1", filter = ofCalls });
        return (path, follower);
    }

    private static async Task<List<Guid>> StartAsync(HttpClient client, string workflow, int count)
    {
        var ids = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            ids.Add((await PostAsync(client, $"{workflow}/executions", new { input = new { number } })).GetProperty("id").GetGuid());
        }

        return ids;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/api/v1/workflows", UriKind.Relative));
        return response.IsSuccessStatusCode;
    }

    private static async Task<bool> AreAllAsync(HttpClient client, IEnumerable<Guid> ids, string status)
    {
        foreach (var id in ids)
        {
            if ((await client.GetFromJsonAsync<JsonElement>($"/api/v1/executions/{id}")).GetProperty("status").GetString() != status)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> HasAnswerAsync(HttpClient client, Guid chat) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/v1/chat/sessions/{chat}/messages")).GetProperty("items").EnumerateArray()
        .Any(message => message.GetProperty("role").GetString() == "assistant" && message.GetProperty("status").GetString() == "completed");

    private static async Task<bool> HasFiredAsync(HttpClient client, string follower) =>
        (await client.GetFromJsonAsync<JsonElement>($"{follower}/executions")).GetProperty("items").GetArrayLength() == 9;
}
