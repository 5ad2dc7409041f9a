using System.Net.WebSockets;
using System.Text.Json;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime;

/// <summary>What a socket's messages do. A socket's messages are handled one after the other.</summary>
internal sealed class RealtimeSession(
    RealtimeSocket socket, ChannelJoin join, ChannelAuthorizer authorizer, ChannelIdentities identities, Rooms rooms, RealtimeLimits limits,
    TimeProvider clock)
{
    /// <summary>Handles a frame.</summary>
    public Task HandleAsync(ReadOnlyMemory<byte> frame, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        if (type == WebSocketMessageType.Binary)
        {
            return FrameReader.ReadBinary(frame) is { } broadcast ? BroadcastAsync(broadcast, cancellationToken) : Task.CompletedTask;
        }

        return FrameReader.ReadText(frame, socket.Version) is { } message ? HandleAsync(message, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Leaves all channels.</summary>
    public void End()
    {
        foreach (var channel in Snapshot())
        {
            Close(channel);
        }
    }

    /// <summary>Ends a channel and says why.</summary>
    public void Expel(RealtimeChannel channel, string reason)
    {
        channel.PushSystem("system", "error", reason);
        Close(channel);
        channel.Push("phx_close", Payload.Empty);
    }

    /// <summary>The channels as they are; the socket's loop and the watch both ask.</summary>
    public IReadOnlyList<RealtimeChannel> Snapshot()
    {
        lock (socket.Channels)
        {
            return [.. socket.Channels.Values];
        }
    }

    private async Task HandleAsync(InboundMessage message, CancellationToken cancellationToken)
    {
        if (message is { Topic: "phoenix", Event: "heartbeat" })
        {
            socket.Send(FrameWriter.Text(socket.Version, message.JoinRef, message.Ref, "phoenix", "phx_reply", Payload.Ok()));
            return;
        }

        if (message.Event == "phx_join")
        {
            await JoinAsync(message, cancellationToken);
            return;
        }

        if (ChannelOf(message.Topic) is not { } channel)
        {
            socket.Send(FrameWriter.Text(
                socket.Version, message.JoinRef, message.Ref, message.Topic, "phx_reply", Payload.Error("unmatched topic")));
            return;
        }

        switch (message.Event)
        {
            case "phx_leave":
                Close(channel);
                channel.Reply(message.Ref, Payload.Ok());
                channel.Push("phx_close", Payload.Empty);
                break;
            case "access_token":
                await RefreshAsync(channel, JoinConfig.Text(message.Payload, "access_token"), cancellationToken);
                break;
            case "broadcast":
                await BroadcastAsync(channel, message, cancellationToken);
                break;
            case "presence":
                await PresenceAsync(channel, message, cancellationToken);
                break;
        }
    }

    private async Task JoinAsync(InboundMessage message, CancellationToken cancellationToken)
    {
        if (!socket.Joins.Admit(clock, limits.MaxJoinsPerSecond))
        {
            Refuse(message, "ClientJoinRateLimitReached: Too many joins per second");
            socket.Abort();
            return;
        }

        // A second join on a topic closes the first.
        if (ChannelOf(message.Topic) is { } previous)
        {
            Close(previous);
        }

        if (Snapshot().Count >= limits.MaxChannels)
        {
            Refuse(message, "ChannelRateLimitReached: Too many channels");
            return;
        }

        var (channel, refusal) = await join.PrepareAsync(socket, message, cancellationToken);
        if (channel is null)
        {
            Refuse(message, refusal!);
            return;
        }

        lock (socket.Channels)
        {
            socket.Channels[channel.Topic] = channel;
        }

        await join.CompleteAsync(channel, message, cancellationToken);
    }

    private void Refuse(InboundMessage message, string reason) =>
        socket.Send(FrameWriter.Text(socket.Version, message.JoinRef, message.Ref, message.Topic, "phx_reply", Payload.Error(reason)));

    private async Task RefreshAsync(RealtimeChannel channel, string? token, CancellationToken cancellationToken)
    {
        if (token is null || token.StartsWith("sb_", StringComparison.Ordinal) || token == channel.Identity.Token)
        {
            return;
        }

        var result = await identities.ResolveAsync(token);
        if (result.Identity is not { } identity)
        {
            Expel(channel, result.Refusal!);
            return;
        }

        var rights = channel.Config.IsPrivate ? await authorizer.ReadAsync(identity, channel.Name, cancellationToken) : ChannelRights.Public;
        if (!rights.MayJoin)
        {
            Expel(channel, ChannelJoin.Unreadable(channel.Name));
            return;
        }

        (channel.Identity, channel.Rights) = (identity, rights);
    }

    private async Task BroadcastAsync(RealtimeChannel channel, InboundMessage message, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(message.Payload);
        if (await MayBroadcastAsync(channel, message.Ref, payload.Length, cancellationToken))
        {
            rooms.Broadcast(channel.Room, channel.Id, payload);
            Acknowledge(channel, message.Ref);
        }
    }

    private async Task BroadcastAsync(InboundBroadcast message, CancellationToken cancellationToken)
    {
        if (ChannelOf(message.Topic) is { } channel && await MayBroadcastAsync(channel, message.Ref, message.Payload.Length, cancellationToken))
        {
            rooms.Broadcast(channel.Room, channel.Id, message.Event, message.Metadata, message.IsJson, message.Payload);
            Acknowledge(channel, message.Ref);
        }
    }

    private static void Acknowledge(RealtimeChannel channel, string? reference)
    {
        if (channel.Config.AcknowledgeBroadcast)
        {
            channel.Reply(reference, Payload.Ok());
        }
    }

    // Without the right to write, a broadcast is dropped in silence, as in the original.
    private async Task<bool> MayBroadcastAsync(RealtimeChannel channel, string? reference, int bytes, CancellationToken cancellationToken)
    {
        if (!channel.Messages.Admit(clock, limits.MaxMessagesPerSecond))
        {
            Expel(channel, "Too many messages per second");
            return false;
        }

        if (bytes > limits.MaxPayloadBytes)
        {
            if (channel.Config.AcknowledgeBroadcast)
            {
                channel.Reply(reference, Payload.Error("Payload size exceeds the maximum allowed size"));
            }

            return false;
        }

        return channel.Rights.WritesBroadcast
            ??= await authorizer.MayWriteAsync(channel.Identity, channel.Name, ChannelAuthorizer.Broadcast, cancellationToken);
    }

    private async Task PresenceAsync(RealtimeChannel channel, InboundMessage message, CancellationToken cancellationToken)
    {
        var (kind, payload) = (JoinConfig.Text(message.Payload, "event")?.ToUpperInvariant(), JoinConfig.Member(message.Payload, "payload"));
        if (!channel.Messages.Admit(clock, limits.MaxMessagesPerSecond))
        {
            Expel(channel, "Too many presence messages per second");
            return;
        }

        if (kind == "UNTRACK")
        {
            rooms.Untrack(channel);
            channel.Reply(message.Ref, Payload.Ok());
            return;
        }

        if (kind != "TRACK")
        {
            return;
        }

        if (payload.ValueKind != JsonValueKind.Object)
        {
            channel.Reply(message.Ref, Payload.Error("Presence track payload must be a map"));
            return;
        }

        channel.Rights.WritesPresence ??= await authorizer.MayWriteAsync(channel.Identity, channel.Name, ChannelAuthorizer.Presence, cancellationToken);
        if (channel.Rights.WritesPresence == false)
        {
            channel.Reply(message.Ref, Payload.Error("You do not have permissions to track presence on this channel"));
            return;
        }

        if (!channel.SeesPresence)
        {
            channel.SeesPresence = true;
            ChannelJoin.PushPresence(channel, rooms.StateOf(channel.Room));
        }

        rooms.Track(channel, payload);
        channel.Reply(message.Ref, Payload.Ok());
    }

    private void Close(RealtimeChannel channel)
    {
        lock (socket.Channels)
        {
            if (socket.Channels.TryGetValue(channel.Topic, out var current) && ReferenceEquals(current, channel))
            {
                socket.Channels.Remove(channel.Topic);
            }
        }

        join.Leave(channel);
    }

    private RealtimeChannel? ChannelOf(string topic)
    {
        lock (socket.Channels)
        {
            return socket.Channels.GetValueOrDefault(topic);
        }
    }
}
