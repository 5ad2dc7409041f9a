using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Testing;

namespace Platform.Host.Tests.Realtime;

/// <summary>A frame of serialisation 2.0.0.</summary>
internal sealed record ChannelFrame(string Event, JsonElement Payload);

/// <summary>A person's socket with one channel, which keeps every frame that comes.</summary>
internal sealed class ChannelSocket : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly ClientWebSocket _socket = new();
    private readonly List<ChannelFrame> _frames = [];
    private readonly CancellationTokenSource _ended = new();
    private Task _reading = Task.CompletedTask;

    public static Task<ChannelSocket> JoinAsync(PlatformApplication application, string token, string topic, object config) =>
        JoinAsync(application.Url, application.DataDirectory, token, topic, config);

    public static async Task<ChannelSocket> JoinAsync(string address, string dataDirectory, string token, string topic, object config)
    {
        var key = HostProcess.ReadConnection(dataDirectory).GetProperty("anon_key").GetString();
        var channel = new ChannelSocket();
        var url = $"{address.Replace("http", "ws", StringComparison.Ordinal)}/realtime/v1/websocket?vsn=2.0.0&apikey={key}";
        await channel._socket.ConnectAsync(new Uri(url), CancellationToken.None);
        var join = new JsonArray(
            "1", "1", $"realtime:{topic}", "phx_join",
            new JsonObject { ["config"] = JsonSerializer.SerializeToNode(config), ["access_token"] = token });
        await channel._socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(join), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        channel._reading = channel.ReadAsync();
        return channel;
    }

    /// <summary>The frames so far that fit.</summary>
    public IReadOnlyList<ChannelFrame> Seen(Func<ChannelFrame, bool> fits)
    {
        lock (_frames)
        {
            return [.. _frames.Where(fits)];
        }
    }

    /// <summary>The first frame that fits, come or still to come.</summary>
    public async Task<ChannelFrame> UntilAsync(Func<ChannelFrame, bool> fits)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (Seen(fits) is [var first, ..])
            {
                return first;
            }

            var came = string.Join('\n', Seen(_ => true).Select(frame => $"{frame.Event} {frame.Payload}"));
            Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(Patience), $"It did not come. What came:\n{came}");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reading;
        _socket.Dispose();
        _ended.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            var buffer = new byte[256 * 1024];
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await _socket.ReceiveAsync(buffer.AsMemory(length), _ended.Token);
                    length += result.Count;
                }
                while (!result.EndOfMessage && result.MessageType != WebSocketMessageType.Close);

                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                var frame = JsonElement.Parse(buffer.AsSpan(0, length));
                lock (_frames)
                {
                    _frames.Add(new ChannelFrame(frame[3].GetString()!, frame[4]));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The test has seen enough, or the server closed the socket.
        }
    }
}
