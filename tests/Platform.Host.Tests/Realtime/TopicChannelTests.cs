using Platform.Testing;

namespace Platform.Host.Tests.Realtime;

/// <summary>A topic of the event log as a private channel: its owner hears each event, and nobody else may join.</summary>
public sealed class TopicChannelTests : PlatformTest
{
    private const int Events = 300;
    private static readonly object Private = new { @private = true };

    [Test]
    public async Task Its_owner_hears_each_event_once_and_in_order_after_joining_in_the_middle()
    {
        var alice = await SignInAsync();
        var topic = $"execution:{Guid.CreateVersion7()}";
        await AppendAsync(topic, alice.Id);
        var appending = Task.Run(async () =>
        {
            for (var number = 1; number < Events; number++)
            {
                await AppendAsync(topic, alice.Id);
            }
        });

        await using var channel = await ChannelSocket.JoinAsync(Application, alice.AccessToken, topic, Private);
        await channel.UntilAsync(IsJoined);
        // What the log held when the channel was joined; the channel tells of all that came after it.
        var read = await Application.ScalarAsync<long>("select last_seq from platform.stream_topics where topic = $1", topic);
        await appending;
        await channel.UntilAsync(frame => frame.Event == "broadcast" && SeqOf(frame) == Events);

        var heard = channel.Seen(frame => frame.Event == "broadcast").Select(SeqOf).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(heard[0], Is.LessThanOrEqualTo(read + 1), "Between what was read and what was heard is no gap.");
            Assert.That(heard, Is.EqualTo(Enumerable.Range((int)heard[0], Events - (int)heard[0] + 1)));
        }

        var last = channel.Seen(frame => frame.Event == "broadcast")[^1].Payload;
        Assert.That(last.GetProperty("event").GetString(), Is.EqualTo("test.happened"));
    }

    [Test]
    public async Task Nobody_else_joins_it_and_nobody_sends_on_it()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        var topic = $"execution:{Guid.CreateVersion7()}";
        await AppendAsync(topic, alice.Id);

        await using var intruder = await ChannelSocket.JoinAsync(Application, bob.AccessToken, topic, Private);
        var refused = await intruder.UntilAsync(frame => frame.Event == "phx_reply");
        await using var open = await ChannelSocket.JoinAsync(Application, bob.AccessToken, topic, new { });
        await open.UntilAsync(IsJoined);
        await using var owner = await ChannelSocket.JoinAsync(Application, alice.AccessToken, topic, Private);
        await owner.UntilAsync(IsJoined);
        await AppendAsync(topic, alice.Id);
        await owner.UntilAsync(frame => frame.Event == "broadcast");

        var maySend = await Application.ScalarAsync<long>(
            "select count(*) from pg_policy where polrelid = 'realtime.messages'::regclass and polcmd in ('a', '*')");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused.Payload.GetProperty("response").GetProperty("reason").GetString(), Does.StartWith("Unauthorized"));
            Assert.That(intruder.Seen(frame => frame.Event == "broadcast"), Is.Empty);
            Assert.That(open.Seen(frame => frame.Event == "broadcast"), Is.Empty, "The public channel of that name is another room.");
            Assert.That(maySend, Is.Zero);
        }
    }

    private static bool IsJoined(ChannelFrame frame) =>
        frame.Event == "phx_reply" && frame.Payload.GetProperty("status").GetString() == "ok";

    private static long SeqOf(ChannelFrame frame) => frame.Payload.GetProperty("payload").GetProperty("seq").GetInt64();

    private static Task<object?> AppendAsync(string topic, Guid owner) => Application.ScalarAsync<object>(
        """
        select platform.append_events(jsonb_build_array(
          jsonb_build_object('topic', $1::text, 'user_id', $2::uuid, 'type', 'test.happened', 'payload', '{"x":1}'::jsonb)))::text
        """,
        topic, owner);
}
