using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.LocalSupabase.Realtime.Nodes;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>All rooms of this node, and what other nodes are told of them.</summary>
internal sealed class Rooms(NodeBus bus)
{
    private readonly ConcurrentDictionary<RoomKey, Room> _rooms = new();
    private readonly Lock _coming = new();

    public void Join(RealtimeChannel channel)
    {
        // Under the lock that removes empty rooms, or somebody could enter a room that is being removed.
        lock (_coming)
        {
            Of(channel.Room).Add(channel);
        }
    }

    public void Leave(RealtimeChannel channel)
    {
        Untrack(channel);
        lock (_coming)
        {
            if (_rooms.TryGetValue(channel.Room, out var room))
            {
                room.Remove(channel);
                RemoveIfEmpty(channel.Room, room);
            }
        }
    }

    /// <summary>A text broadcast of a member or of the HTTP API, whose payload is the whole message.</summary>
    public void Broadcast(RoomKey key, Guid? sender, ReadOnlyMemory<byte> message)
    {
        DeliverText(key, sender, message);
        bus.Publish(NodeMessage.Text(key, message));
    }

    /// <summary>A broadcast with a payload of its own: binary to those who read that, text to the others.</summary>
    public void Broadcast(RoomKey key, Guid? sender, string name, string metadata, bool isJson, ReadOnlyMemory<byte> payload)
    {
        DeliverParts(key, sender, name, metadata, isJson, payload);
        bus.Publish(NodeMessage.Parts(key, name, metadata, isJson, payload));
    }

    /// <summary>Delivers a row of <c>realtime.messages</c>. Every node reads it from the change feed itself.</summary>
    public void DeliverStored(RoomKey key, string name, string metadata, bool isJson, ReadOnlyMemory<byte> payload)
    {
        if (isJson)
        {
            DeliverText(key, null, Payload.Broadcast(name, payload, metadata));
        }
        else
        {
            DeliverParts(key, null, name, metadata, isJson, payload);
        }
    }

    public JsonObject StateOf(RoomKey key) => _rooms.TryGetValue(key, out var room) ? room.State() : [];

    public void Track(RealtimeChannel channel, JsonElement payload)
    {
        var entry = new PresenceEntry(
            channel.Id, bus.NodeId, channel.Config.PresenceKey, Guid.CreateVersion7().ToString("N"), JsonObject.Create(payload) ?? []);
        if (Of(channel.Room).Track(entry, channel.Topic) is not null)
        {
            bus.Publish(NodeMessage.Presence(channel.Room, entry));
        }
    }

    public void Untrack(RealtimeChannel channel)
    {
        if (_rooms.TryGetValue(channel.Room, out var room) && room.Untrack(channel.Id, channel.Topic))
        {
            bus.Publish(NodeMessage.Absence(channel.Room, channel.Id));
        }
    }

    /// <summary>What another node has sent.</summary>
    public void Receive(NodeMessage message)
    {
        var key = message.Room;
        switch (message.Kind)
        {
            case NodeMessageKind.Text:
                DeliverText(key, null, message.Payload);
                break;
            case NodeMessageKind.Parts:
                DeliverParts(key, null, message.Name, message.Metadata, message.IsJson, message.Payload);
                break;
            case NodeMessageKind.Presence:
                lock (_coming)
                {
                    Of(key).Track(message.Entry!, RealtimeChannel.Prefix + key.Name);
                }

                break;
            case NodeMessageKind.Absence:
                Forget(key, message.ChannelId);
                break;
        }
    }

    /// <summary>Tells a node that has just come who is present here.</summary>
    public void Introduce()
    {
        foreach (var (key, room) in _rooms)
        {
            foreach (var entry in room.OfNode(bus.NodeId))
            {
                bus.Publish(NodeMessage.Presence(key, entry));
            }
        }
    }

    /// <summary>A node is gone, and with it whoever was present through it.</summary>
    public void Forget(Guid nodeId)
    {
        foreach (var (key, room) in _rooms)
        {
            foreach (var entry in room.OfNode(nodeId))
            {
                Forget(key, entry.ChannelId);
            }
        }
    }

    private void Forget(RoomKey key, Guid channelId)
    {
        lock (_coming)
        {
            if (_rooms.TryGetValue(key, out var room))
            {
                room.Untrack(channelId, RealtimeChannel.Prefix + key.Name);
                RemoveIfEmpty(key, room);
            }
        }
    }

    private void DeliverText(RoomKey key, Guid? sender, ReadOnlyMemory<byte> message)
    {
        if (_rooms.TryGetValue(key, out var room))
        {
            room.Broadcast(sender, version => FrameWriter.Text(version, null, null, RealtimeChannel.Prefix + key.Name, "broadcast", message));
        }
    }

    private void DeliverParts(RoomKey key, Guid? sender, string name, string metadata, bool isJson, ReadOnlyMemory<byte> payload)
    {
        var topic = RealtimeChannel.Prefix + key.Name;
        if (_rooms.TryGetValue(key, out var room))
        {
            room.Broadcast(sender, version => version switch
            {
                2 => FrameWriter.Broadcast(topic, name, metadata, isJson, payload),
                // Version 1.0.0 has no binary frames: bytes cannot be delivered there.
                _ when isJson => FrameWriter.Text(version, null, null, topic, "broadcast", Payload.Broadcast(name, payload, metadata)),
                _ => null,
            });
        }
    }

    private Room Of(RoomKey key) => _rooms.GetOrAdd(key, _ => new Room());

    private void RemoveIfEmpty(RoomKey key, Room room)
    {
        if (room.IsEmpty)
        {
            _rooms.TryRemove(KeyValuePair.Create(key, room));
        }
    }
}
