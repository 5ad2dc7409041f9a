using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Realtime;

/// <summary>Sockets and channels, word by word.</summary>
public sealed class ChannelTests
{
    private LocalSupabaseServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await LocalSupabaseServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [TestCase(1)]
    [TestCase(2)]
    public async Task Answers_heartbeats_joins_and_leaves(int version)
    {
        using var client = await SocketClient.ConnectAsync(_server, version);

        var beat = await client.SendAsync("phoenix", "heartbeat", new JsonObject());
        Assert.That((await client.UntilAsync(frame => frame.Ref == beat)).Payload.GetProperty("status").GetString(), Is.EqualTo("ok"));
        var joined = await client.JoinAsync("room");
        Assert.That(joined.GetProperty("response").GetProperty("postgres_changes").GetArrayLength(), Is.Zero);
        var left = await client.SendAsync("realtime:room", "phx_leave", new JsonObject());
        await client.UntilAsync(frame => frame.Ref == left);
        await client.UntilAsync(frame => frame.Event == "phx_close");
        var late = await client.SendAsync("realtime:room", "broadcast", new JsonObject());
        var refused = await client.UntilAsync(frame => frame.Ref == late);

        Assert.That(refused.Payload.GetProperty("response").GetProperty("reason").GetString(), Is.EqualTo("unmatched topic"));
    }

    [TestCase("not json")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("[1,2,3,4,5]")]
    [TestCase("[null,null,null,null,null]")]
    [TestCase("""["1","2","realtime:x","presence",{"type":"presence","event":"track","payload":[]}]""")]
    public async Task A_frame_that_makes_no_sense_harms_nothing(string text)
    {
        using var client = await SocketClient.ConnectAsync(_server);

        await client.SendTextAsync(text);
        await client.SendBinaryAsync(Encoding.UTF8.GetBytes(text));
        await client.SendBinaryAsync([3, 255, 255, 255, 255, 255, 1]);

        Assert.That((await client.JoinAsync("room")).GetProperty("status").GetString(), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Broadcasts_reach_clients_of_both_serialisations()
    {
        var topic = $"mixed-{Guid.CreateVersion7():N}";
        using var old = await SocketClient.ConnectAsync(_server, 1);
        using var modern = await SocketClient.ConnectAsync(_server);
        using var sender = await SocketClient.ConnectAsync(_server);
        foreach (var client in new[] { old, modern, sender })
        {
            await client.JoinAsync(topic);
        }

        await sender.SendBinaryAsync(Push(topic, "word", 1, """{"n":1}"""u8));
        var asText = await old.UntilAsync(frame => frame.Event == "broadcast");
        var asBytes = await modern.UntilAsync(frame => frame.Event.StartsWith("binary:", StringComparison.Ordinal));
        await old.SendAsync($"realtime:{topic}", "broadcast", new JsonObject { ["type"] = "broadcast", ["event"] = "word", ["payload"] = new JsonObject { ["n"] = 2 } });
        var answer = await modern.UntilAsync(frame => frame.Event == "broadcast");
        await sender.SendBinaryAsync(Push(topic, "raw", 0, [0, 255, 7]));
        var raw = await modern.UntilAsync(frame => frame.Event == "binary:raw");

        Assert.That(asText.Payload.GetRawText(), Is.EqualTo("""{"type":"broadcast","event":"word","payload":{"n":1}}"""));
        Assert.That((asBytes.Event, asBytes.Payload.GetRawText()), Is.EqualTo(("binary:word", """{"n":1}""")));
        Assert.That(answer.Payload.GetProperty("payload").GetProperty("n").GetInt32(), Is.EqualTo(2));
        Assert.That(raw.Payload.GetString(), Is.EqualTo("00FF07"));
        Assert.That(await old.StaysSilentAsync(frame => frame.Event == "broadcast", TimeSpan.FromMilliseconds(300)), Is.True, "Bytes cannot be told in version 1.");
    }

    [Test]
    public async Task Public_and_private_channels_of_one_name_are_two_rooms()
    {
        var topic = $"two-{Guid.CreateVersion7():N}";
        using var visitor = await SocketClient.ConnectAsync(_server);
        await visitor.JoinAsync(topic);

        using var http = _server.Connect(_server.ServiceRoleKey);
        var message = new { topic, @event = "word", payload = new { n = 1 } };
        using var closed = await http.PostAsJsonAsync("/realtime/v1/api/broadcast", new { messages = new[] { new { message.topic, message.@event, message.payload, @private = true } } });
        Assert.That(closed.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await visitor.StaysSilentAsync(frame => frame.Event == "broadcast", TimeSpan.FromMilliseconds(300)), Is.True);
    }

    [Test]
    public async Task A_private_channel_without_a_policy_lets_nobody_in()
    {
        using var client = await SocketClient.ConnectAsync(_server);

        var refused = await client.JoinAsync("secret", new { @private = true });

        Assert.That(refused.GetProperty("response").GetProperty("reason").GetString(), Does.StartWith("Unauthorized: "));
    }

    [TestCase("x", "MalformedJWT: ")]
    [TestCase("eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIiwiZXhwIjo0MTAyNDQ0ODAwfQ.", "JwtSignatureError: ")]
    public async Task Refuses_a_join_with_a_bad_token(string token, string reason)
    {
        using var client = await SocketClient.ConnectAsync(_server);

        var refused = await client.JoinAsync("room", token: token);

        Assert.That(refused.GetProperty("response").GetProperty("reason").GetString(), Does.StartWith(reason));
    }

    [Test]
    public async Task Refuses_tokens_without_a_known_role_or_an_end()
    {
        foreach (var claims in new object[] { new { role = "anon" }, new { role = "postgres", exp = 4102444800 }, new { exp = 4102444800 } })
        {
            using var client = await SocketClient.ConnectAsync(_server);

            var refused = await client.JoinAsync("room", token: LocalSupabaseServer.SignShared(claims));

            Assert.That(refused.GetProperty("response").GetProperty("reason").GetString(), Does.Contain("`role` and `exp` are required"));
        }
    }

    [TestCase("", "API key is missing")]
    [TestCase("nonsense", "The token provided is not a valid JWT")]
    public async Task Refuses_a_handshake_without_a_good_key(string key, string error)
    {
        var refused = Assert.ThrowsAsync<WebSocketException>(async () => await SocketClient.ConnectAsync(_server, key: key));
        using var http = _server.Connect(withKey: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/realtime/v1/websocket?apikey={key}");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        using var answer = await http.SendAsync(request);

        Assert.That(refused.Message, Does.Contain("401"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(error));
    }

    [Test]
    public async Task A_client_that_does_not_read_is_cut_off_and_nobody_else_notices()
    {
        var topic = $"slow-{Guid.CreateVersion7():N}";
        using var reading = await SocketClient.ConnectAsync(_server);
        using var asleep = await SocketClient.ConnectAsync(_server);
        using var sender = await SocketClient.ConnectAsync(_server);
        foreach (var client in new[] { reading, asleep, sender })
        {
            await client.JoinAsync(topic);
        }

        var payload = Encoding.UTF8.GetBytes($"\"{new string('x', 1024 * 1024)}\"");
        for (var number = 0; number < 40; number++)
        {
            await sender.SendBinaryAsync(Push(topic, "large", 1, payload));
            await reading.UntilAsync(frame => frame.Event == "binary:large");
        }

        Assert.That(async () => await asleep.UntilAsync(_ => false), Throws.InstanceOf<WebSocketException>());
        Assert.That((await reading.JoinAsync("another")).GetProperty("status").GetString(), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Two_servers_on_one_database_are_one_set_of_channels()
    {
        await using var second = await LocalSupabaseServer.StartAsync();
        var topic = $"nodes-{Guid.CreateVersion7():N}";
        var presence = new { presence = new { key = "here", enabled = true } };
        using var here = await SocketClient.ConnectAsync(_server);
        using var there = await SocketClient.ConnectAsync(second);
        await here.JoinAsync(topic, presence);
        await there.JoinAsync(topic, new { presence = new { key = "there", enabled = true } });

        // The nodes meet within the time of a check.
        await Task.Delay(TimeSpan.FromSeconds(3));
        await here.SendBinaryAsync(Push(topic, "word", 1, "1"u8));
        var heard = await there.UntilAsync(frame => frame.Event == "binary:word");
        await there.SendAsync($"realtime:{topic}", "presence", new JsonObject { ["type"] = "presence", ["event"] = "track", ["payload"] = new JsonObject { ["mood"] = "good" } });
        var joined = await here.UntilAsync(frame => frame.Event == "presence_diff");
        there.Dispose();
        var left = await here.UntilAsync(frame => frame.Event == "presence_diff");

        Assert.That(heard.Payload.GetInt32(), Is.EqualTo(1));
        Assert.That(joined.Payload.GetProperty("joins").GetProperty("there").GetProperty("metas")[0].GetProperty("mood").GetString(), Is.EqualTo("good"));
        Assert.That(left.Payload.GetProperty("leaves").TryGetProperty("there", out _), Is.True);
    }

    private static byte[] Push(string topic, string name, byte encoding, ReadOnlySpan<byte> payload)
    {
        var parts = Encoding.UTF8.GetBytes($"1realtime:{topic}{name}");
        byte[] head = [3, 1, 0, (byte)Encoding.UTF8.GetByteCount($"realtime:{topic}"), (byte)Encoding.UTF8.GetByteCount(name), 0, encoding];
        return [.. head, .. parts, .. payload];
    }
}
