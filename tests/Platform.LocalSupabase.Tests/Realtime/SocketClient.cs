using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Realtime;

/// <summary>A frame that came: of either serialisation.</summary>
internal sealed record Frame(string? Ref, string Topic, string Event, JsonElement Payload);

/// <summary>A client that speaks the protocol word by word, in one of its two serialisations.</summary>
internal sealed class SocketClient(ClientWebSocket socket, int version) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private int _references;

    public static async Task<SocketClient> ConnectAsync(LocalSupabaseServer server, int version = 2, string? key = null)
    {
        var socket = new ClientWebSocket();
        var url = $"{server.Url.Replace("http", "ws", StringComparison.Ordinal)}/realtime/v1/websocket?vsn={version}.0.0&apikey={key ?? server.AnonKey}";
        await socket.ConnectAsync(new Uri(url), CancellationToken.None);
        return new SocketClient(socket, version);
    }

    /// <summary>Joins and reads on until the answer.</summary>
    public async Task<JsonElement> JoinAsync(string topic, object? config = null, string? token = null)
    {
        var payload = new JsonObject { ["config"] = JsonSerializer.SerializeToNode(config ?? new { }) };
        if (token is not null)
        {
            payload["access_token"] = token;
        }

        var reference = await SendAsync($"realtime:{topic}", "phx_join", payload);
        return (await UntilAsync(frame => frame.Event == "phx_reply" && frame.Ref == reference)).Payload;
    }

    public async Task<string> SendAsync(string topic, string name, JsonNode payload)
    {
        var reference = $"{++_references}";
        var text = version == 1
            ? new JsonObject { ["topic"] = topic, ["event"] = name, ["payload"] = payload, ["ref"] = reference, ["join_ref"] = "1" }.ToJsonString()
            : new JsonArray("1", reference, topic, name, payload).ToJsonString();
        await SendTextAsync(text);
        return reference;
    }

    public Task SendTextAsync(string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public Task SendBinaryAsync(byte[] bytes) =>
        socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    /// <summary>Reads on until a frame that fits.</summary>
    public async Task<Frame> UntilAsync(Func<Frame, bool> fits)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var frame = await ReadAsync(patience.Token);
            if (fits(frame))
            {
                return frame;
            }
        }
    }

    /// <summary>Whether nothing that fits comes for a while.</summary>
    public async Task<bool> StaysSilentAsync(Func<Frame, bool> unwanted, TimeSpan time)
    {
        using var patience = new CancellationTokenSource(time);
        try
        {
            while (!unwanted(await ReadAsync(patience.Token)))
            {
            }

            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        socket.Abort();
        socket.Dispose();
    }

    private async Task<Frame> ReadAsync(CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer, cancellationToken);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException($"closed: {result.CloseStatusDescription}");
            }

            bytes.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);

        return result.MessageType == WebSocketMessageType.Binary ? OfBinary(bytes.ToArray()) : OfText(JsonElement.Parse(bytes.ToArray()));
    }

    private Frame OfText(JsonElement json) => version == 1
        ? new Frame(json.GetProperty("ref").GetString(), json.GetProperty("topic").GetString()!, json.GetProperty("event").GetString()!, json.GetProperty("payload"))
        : new Frame(json[1].GetString(), json[2].GetString()!, json[3].GetString()!, json[4]);

    // Kind 4: lengths of topic, event and metadata, the encoding, then the parts.
    private static Frame OfBinary(byte[] bytes)
    {
        Assert.That(bytes[0], Is.EqualTo(4));
        var (topic, name, metadata) = (bytes[1], bytes[2], bytes[3]);
        var text = Encoding.UTF8.GetString(bytes, 5, topic + name);
        var payload = bytes.AsSpan(5 + topic + name + metadata);
        return new Frame(
            null, text[..topic], $"binary:{text[topic..]}",
            bytes[4] == 1 ? JsonElement.Parse(payload) : JsonSerializer.SerializeToElement(Convert.ToHexString(payload)));
    }
}
