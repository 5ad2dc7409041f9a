using System.Text.Json.Nodes;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>Somebody who is present: one entry a channel, on this node or another.</summary>
internal sealed record PresenceEntry(Guid ChannelId, Guid NodeId, string Key, string Reference, JsonObject Payload);

/// <summary>The members of a topic on this node, and who is present on all nodes.</summary>
internal sealed class Room
{
    private readonly Lock _lock = new();
    private readonly HashSet<RealtimeChannel> _members = [];
    private readonly Dictionary<Guid, PresenceEntry> _present = [];

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _members.Count == 0 && _present.Count == 0;
            }
        }
    }

    public void Add(RealtimeChannel channel)
    {
        lock (_lock)
        {
            _members.Add(channel);
        }
    }

    public void Remove(RealtimeChannel channel)
    {
        lock (_lock)
        {
            _members.Remove(channel);
        }
    }

    /// <summary>Sends to all members that may read broadcasts, encoded once a serialisation.</summary>
    /// <param name="sender">The sender's channel, which gets it only where it asked for its own; null for others.</param>
    /// <param name="encode">Makes the frame of a serialisation; null where it cannot carry the message.</param>
    public void Broadcast(Guid? sender, Func<int, OutboundFrame?> encode)
    {
        var frames = new OutboundFrame?[3];
        var made = new bool[3];
        lock (_lock)
        {
            foreach (var member in _members)
            {
                if ((member.Id == sender && !member.Config.BroadcastToSelf) || !member.Rights.ReadsBroadcast)
                {
                    continue;
                }

                var version = member.Socket.Version;
                if (!made[version])
                {
                    (frames[version], made[version]) = (encode(version), true);
                }

                if (frames[version] is { } frame)
                {
                    member.Socket.Send(frame);
                }
            }
        }
    }

    /// <summary>Who is present, as <c>presence_state</c>.</summary>
    public JsonObject State()
    {
        lock (_lock)
        {
            return Document(_present.Values);
        }
    }

    /// <summary>A channel is present, with a new payload or for the first time. An unchanged payload is no news.</summary>
    /// <returns>The entry where it is news.</returns>
    public PresenceEntry? Track(PresenceEntry entry, string topic)
    {
        lock (_lock)
        {
            _present.TryGetValue(entry.ChannelId, out var previous);
            if (previous is not null && previous.Key == entry.Key && JsonNode.DeepEquals(previous.Payload, entry.Payload))
            {
                return null;
            }

            _present[entry.ChannelId] = entry;
            Announce(topic, Document([entry], previous?.Reference), previous is null ? [] : Document([previous]));
            return entry;
        }
    }

    /// <summary>A channel is no longer present.</summary>
    /// <returns>Whether it was.</returns>
    public bool Untrack(Guid channelId, string topic)
    {
        lock (_lock)
        {
            if (!_present.Remove(channelId, out var entry))
            {
                return false;
            }

            Announce(topic, [], Document([entry]));
            return true;
        }
    }

    /// <summary>All that are present through a node.</summary>
    public IReadOnlyList<PresenceEntry> OfNode(Guid nodeId)
    {
        lock (_lock)
        {
            return [.. _present.Values.Where(entry => entry.NodeId == nodeId)];
        }
    }

    private void Announce(string topic, JsonObject joins, JsonObject leaves)
    {
        var payload = Payload.Of(new JsonObject { ["joins"] = joins, ["leaves"] = leaves });
        var frames = new OutboundFrame?[3];
        foreach (var member in _members.Where(member => member.SeesPresence && member.Rights.ReadsPresence))
        {
            var version = member.Socket.Version;
            frames[version] ??= FrameWriter.Text(version, null, null, topic, "presence_diff", payload);
            member.Socket.Send(frames[version]!.Value);
        }
    }

    private static JsonObject Document(IEnumerable<PresenceEntry> entries, string? previousReference = null)
    {
        var document = new JsonObject();
        foreach (var entry in entries)
        {
            var meta = (JsonObject)entry.Payload.DeepClone();
            meta["phx_ref"] = entry.Reference;
            if (previousReference is not null)
            {
                meta["phx_ref_prev"] = previousReference;
            }

            var metas = document[entry.Key]?["metas"] as JsonArray;
            if (metas is null)
            {
                metas = [];
                document[entry.Key] = new JsonObject { ["metas"] = metas };
            }

            metas.Add(meta);
        }

        return document;
    }
}
