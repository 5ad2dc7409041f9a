using Platform.Host.Tests.Realtime;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>A node that is asked to stop does not wait for those who only watch: they go on at another node.</summary>
public sealed class ShutDownTests : HostJourney
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(15);

    [Test]
    public async Task Sockets_and_event_streams_do_not_hold_a_node_up()
    {
        using var host = await HostProcess.StartAsync(DataDirectory, Url);
        using var client = await host.SignUpAsync(DataDirectory, "ada@example.com");
        using var stream = await client.GetAsync(
            new Uri($"/api/v1/executions/{await WaitingExecutionAsync(client)}/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.That(stream.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        await using var socket = await ChannelSocket.JoinAsync(Url, DataDirectory, token, "room", new { });
        await socket.UntilAsync(frame => frame.Event == "phx_reply");

        var asked = TimeProvider.System.GetTimestamp();
        await host.StopAsync();

        Assert.That(TimeProvider.System.GetElapsedTime(asked), Is.LessThan(Short));
    }

    private static async Task<Guid> WaitingExecutionAsync(HttpClient client)
    {
        var workflow = await PublishAsync(client, "waits", new { key = "later", type = "wait_for_signal", with = new { name = "never" } });
        return await CreateAsync(client, $"{workflow}/executions", new { });
    }
}
