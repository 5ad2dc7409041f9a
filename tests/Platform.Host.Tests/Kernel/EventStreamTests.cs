using System.Globalization;
using System.Net;
using Platform.Testing;

namespace Platform.Host.Tests.Kernel;

/// <summary>Who watches a topic, leaves and comes back sees each event once and in order, while others are being appended.</summary>
public sealed class EventStreamTests : PlatformTest
{
    private const int Appends = 400;

    [Test]
    public async Task A_watcher_that_reconnects_misses_nothing_and_sees_nothing_twice()
    {
        var alice = await SignInAsync();
        var execution = await StartExecutionAsync(alice.Client);
        var topic = $"execution:{execution}";
        var before = await Application.ScalarAsync<long>("select coalesce(max(last_seq), 0) from platform.stream_topics where topic = $1", topic);

        var appending = Task.WhenAll(AppendAsync(topic, alice.Id), AppendAsync(topic, alice.Id));
        var seen = new List<long>();
        var connections = 0;
        while (seen.Count < before + (2 * Appends) && connections++ < 200)
        {
            await WatchAsync(alice.Client, execution, seen, most: 1 + (connections * 7 % 40));
        }

        await appending;
        Assert.That(seen, Is.EqualTo(Enumerable.Range(1, (int)before + (2 * Appends)).Select(number => (long)number)));
        Assert.That(connections, Is.GreaterThan(10));
    }

    [Test]
    public async Task The_final_event_ends_the_stream()
    {
        var alice = await SignInAsync();
        var execution = await StartExecutionAsync(alice.Client);

        await Application.DrainAsync("workflows");
        var text = await alice.Client.GetStringAsync(new Uri($"/api/v1/executions/{execution}/events", UriKind.Relative));

        Assert.That(text, Does.Contain("event: execution.started").And.Contain("event: execution.finished"));
    }

    [Test]
    public async Task Somebody_elses_topic_does_not_exist()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var execution = await StartExecutionAsync(alice.Client);

        using var response = await bob.Client.GetAsync(new Uri($"/api/v1/executions/{execution}/events", UriKind.Relative));

        await ExpectProblemAsync(response, 404, "execution_not_found");
    }

    private static async Task AppendAsync(string topic, Guid owner)
    {
        for (var number = 0; number < Appends; number++)
        {
            await Application.ScalarAsync<object>(
                "select platform.append_events(jsonb_build_array(jsonb_build_object('topic', $1::text, 'user_id', $2::uuid, 'type', 'test.happened', 'payload', '{}'::jsonb)))::text",
                topic, owner);
        }
    }

    // Reads some events, then hangs up in the middle of the stream.
    private static async Task WatchAsync(HttpClient client, Guid execution, List<long> seen, int most)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/executions/{execution}/events");
        request.Headers.Add("Last-Event-ID", seen.Count == 0 ? "0" : seen[^1].ToString(CultureInfo.InvariantCulture));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
            while (most > 0 && await lines.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    seen.Add(long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture));
                    most--;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing came for a while: come back later.
        }
    }

    private static async Task<Guid> StartExecutionAsync(HttpClient client)
    {
        var workflow = (await PostAsync(client, "/api/v1/workflows", new
        {
            name = $"Watched {Guid.CreateVersion7()}",
            steps = new[] { new { key = "a", type = "transform", with = new { value = 1 } } },
        })).GetProperty("id").GetGuid();
        using var published = await client.PostAsync(new Uri($"/api/v1/workflows/{workflow}/publish", UriKind.Relative), null);
        Assert.That(published.IsSuccessStatusCode, Is.True, await published.Content.ReadAsStringAsync());
        return (await PostAsync(client, $"/api/v1/workflows/{workflow}/executions", new { input = new { } }, HttpStatusCode.Accepted)).GetProperty("id").GetGuid();
    }
}
