using System.Net.Http.Json;
using System.Text.Json;
using Platform.Host.Tests.Realtime;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>A node that is asked to stop does not wait for those who only watch: they go on at another node.</summary>
public sealed class ShutDownTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(15);

    [Test]
    public async Task Sockets_and_event_streams_do_not_hold_a_node_up()
    {
        var directory = Path.Combine(Path.GetTempPath(), $"platform-stop-{Path.GetRandomFileName()}");
        try
        {
            using var host = await HostProcess.StartAsync(directory, $"http://127.0.0.1:{HostProcess.FreePort()}");
            using var client = await host.SignUpAsync(directory, "ada@example.com");
            using var stream = await client.SendAsync(
                new HttpRequestMessage(HttpMethod.Get, $"/api/v1/executions/{await WaitingExecutionAsync(client)}/events"),
                HttpCompletionOption.ResponseHeadersRead);
            Assert.That(stream.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
            await using var socket = await ChannelSocket.JoinAsync(
                host.Url, directory, client.DefaultRequestHeaders.Authorization!.Parameter!, "room", new { });
            await socket.UntilAsync(frame => frame.Event == "phx_reply");

            var asked = TimeProvider.System.GetTimestamp();
            await host.StopAsync();

            Assert.That(TimeProvider.System.GetElapsedTime(asked), Is.LessThan(Short));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<Guid> WaitingExecutionAsync(HttpClient client)
    {
        var steps = new[] { new { key = "later", type = "wait_for_signal", with = new { name = "never" } } };
        var workflow = await PostAsync(client, "/api/v1/workflows", new { name = "waits", steps });
        await PostAsync(client, $"/api/v1/workflows/{workflow}/publish", new { });
        return await PostAsync(client, $"/api/v1/workflows/{workflow}/executions", new { });
    }

    private static async Task<Guid> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement.TryGetProperty("id", out var id) ? id.GetGuid() : default;
    }
}
