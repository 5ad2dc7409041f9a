using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Supabase;
using Platform.Testing;

namespace Platform.Host.Tests.Embedded;

/// <summary>The kernel's clients of Supabase against the services themselves.</summary>
public sealed class GatewayTests : PlatformTest
{
    [Test]
    public void The_functions_gateway_reaches_a_function_with_the_service_key_and_reads_its_refusal()
    {
        var gateway = Application.Services.GetRequiredService<FunctionsGateway>();

        // The function answers 422: it was reached, found a role that may ask, and read the body.
        var refused = Assert.ThrowsAsync<SupabaseException>(
            async () => await gateway.InvokeAsync("ai-chat", new { model = "m" }, CancellationToken.None));
        var unknown = Assert.ThrowsAsync<SupabaseException>(
            async () => await gateway.InvokeAsync("no-such-function", new { }, CancellationToken.None));

        Assert.That(refused!.Status, Is.EqualTo(422), refused.Message);
        Assert.That(refused.Message, Does.Contain("request_invalid"));
        Assert.That(unknown!.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task The_realtime_gateway_reaches_a_private_channel()
    {
        var user = await SignInAsync();
        var topic = $"room-{user.Id}";
        await Application.ScalarAsync<object>(
            $"create policy \"{topic}\" on realtime.messages for select to authenticated using (realtime.topic() = '{topic}')");
        using var socket = new ClientWebSocket();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var connection = HostProcess.ReadConnection(Application.DataDirectory);
        var address = Application.Url.Replace("http", "ws", StringComparison.Ordinal);
        var key = connection.GetProperty("anon_key").GetString();
        await socket.ConnectAsync(new Uri($"{address}/realtime/v1/websocket?apikey={key}&vsn=1.0.0"), limit.Token);
        await SendAsync(socket, new
        {
            topic = $"realtime:{topic}",
            @event = "phx_join",
            payload = new { config = new { @private = true, broadcast = new { self = true } }, access_token = user.AccessToken },
            @ref = "1",
            join_ref = "1",
        });
        await WaitForAsync(socket, message => message.GetProperty("event").GetString() == "phx_reply", limit.Token);

        await Application.Services.GetRequiredService<RealtimeGateway>().BroadcastAsync(topic, "greeting", new { text = "hello" }, limit.Token);

        var heard = await WaitForAsync(socket, message => message.GetProperty("event").GetString() == "broadcast", limit.Token);
        var payload = heard.GetProperty("payload");
        Assert.That(payload.GetProperty("event").GetString(), Is.EqualTo("greeting"));
        Assert.That(payload.GetProperty("payload").GetProperty("text").GetString(), Is.EqualTo("hello"));
    }

    [Test]
    public async Task A_browser_from_anywhere_may_ask_the_embedded_services()
    {
        using var visitor = Visitor();
        foreach (var path in new[] { "/auth/v1/token", "/storage/v1/object/a/b", "/functions/v1/ai-chat" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, path);
            request.Headers.Add("Origin", "https://app.example");
            request.Headers.Add("Access-Control-Request-Method", "POST");

            using var response = await visitor.SendAsync(request);

            Assert.That(response.IsSuccessStatusCode, $"{path}: {response}");
            Assert.That(response.Headers.GetValues("Access-Control-Allow-Origin").Single(), Is.AnyOf("*", "https://app.example"), path);
        }
    }

    private static async Task SendAsync(ClientWebSocket socket, object message) =>
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<JsonElement> WaitForAsync(ClientWebSocket socket, Func<JsonElement, bool> wanted, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            var message = JsonElement.Parse(Encoding.UTF8.GetString(buffer, 0, received.Count));
            if (wanted(message))
            {
                return message;
            }
        }
    }
}
