using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Host.Tests.Realtime;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>Kill -9 of the database under a Host that serves: callers are told so, and all of it works again by itself.</summary>
public sealed class DatabaseDeathTests : HostJourney
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestCase(false, TestName = "A_session_of_the_database_that_is_killed_takes_all_others_with_it_and_work_goes_on")]
    [TestCase(true, TestName = "A_database_that_is_killed_is_started_again_and_work_goes_on")]
    public async Task Work_goes_on(bool whole)
    {
        await using var outside = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(300));
        var shortLease = new Dictionary<string, string> { ["Workflows__LeaseSeconds"] = "3" };
        using var host = await HostProcess.StartAsync(DataDirectory, Url, shortLease);
        using var client = await host.SignUpAsync(DataDirectory, "ada@example.com");
        var workflow = await PublishCallsAsync(client, outside.Url);
        var follower = await FollowAsync(client, workflow);
        var chat = await CreateAsync(client, "/api/v1/chat/sessions", new { title = "Talk" });
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
        await PostAsync(client, $"/api/v1/chat/sessions/{chat}/messages", new { content = "Are you there?" });

        await PlatformTest.EventuallyAsync(async () => await HaveAllSucceededAsync(client, [.. before, .. after]), Patience);
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
            Url, DataDirectory, token, "watch",
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

    private string Postmaster() => File.ReadLines(Path.Combine(DataDirectory, "postgres", "postmaster.pid")).First();

    // proc(5): the parent's id is the second field after the name in brackets.
    private string ASession() => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, out _))
        .Select(name => (Id: name!, Command: Read($"/proc/{name}/cmdline"), Stat: Read($"/proc/{name}/stat")))
        .Where(entry => entry.Command.Contains("platform_worker", StringComparison.Ordinal)
            && entry.Stat[(entry.Stat.LastIndexOf(')') + 2)..].Split(' ')[1] == Postmaster())
        .Select(entry => entry.Id)
        .First();

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

    private static void Kill(string process)
    {
        using var kill = Process.Start("kill", ["-9", process]);
        kill.WaitForExit();
    }

    // A workflow that every end of the other one starts.
    private static async Task<string> FollowAsync(HttpClient client, string workflow)
    {
        var follower = await PublishAsync(client, "after each", new { key = "note", type = "transform", with = new { value = "{{ input }}" } });
        var filter = $"input.event.workflow_id == '{workflow.Split('/')[^1]}'";
        await PostAsync(client, $"{follower}/triggers", new { type = "event", @event = "workflows.execution-finished.v1", filter });
        return follower;
    }

    private static async Task<List<Guid>> StartAsync(HttpClient client, string workflow, int count)
    {
        var ids = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            ids.Add(await CreateAsync(client, $"{workflow}/executions", new { input = new { number } }));
        }

        return ids;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/api/v1/workflows", UriKind.Relative));
        return response.IsSuccessStatusCode;
    }

    private static async Task<bool> HasAnswerAsync(HttpClient client, Guid chat) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/v1/chat/sessions/{chat}/messages")).GetProperty("items").EnumerateArray()
        .Any(message => message.GetProperty("role").GetString() == "assistant" && message.GetProperty("status").GetString() == "completed");

    private static async Task<bool> HasFiredAsync(HttpClient client, string follower) =>
        (await client.GetFromJsonAsync<JsonElement>($"{follower}/executions")).GetProperty("items").GetArrayLength() == 9;
}
