using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime.Nodes;

/// <summary>What nodes tell each other.</summary>
internal enum NodeMessageKind
{
    /// <summary>A broadcast whose payload is the whole message.</summary>
    Text,

    /// <summary>A broadcast with a name and a payload of its own.</summary>
    Parts,

    /// <summary>A channel is present.</summary>
    Presence,

    /// <summary>A channel is no longer present.</summary>
    Absence,

    /// <summary>A node has come, and wants to know who is present.</summary>
    Hello,
}

/// <summary>A message between nodes: a line of JSON, then the payload's bytes.</summary>
internal sealed record NodeMessage(
    NodeMessageKind Kind, RoomKey Room, string Name, string Metadata, bool IsJson, Guid ChannelId, PresenceEntry? Entry, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The sender.</summary>
    public Guid NodeId { get; init; }

    public static NodeMessage Hello { get; } = new(NodeMessageKind.Hello, new RoomKey("", false), "", "", false, Guid.Empty, null, default);

    public static NodeMessage Text(RoomKey room, ReadOnlyMemory<byte> message) =>
        new(NodeMessageKind.Text, room, "", "", true, Guid.Empty, null, message);

    public static NodeMessage Parts(RoomKey room, string name, string metadata, bool isJson, ReadOnlyMemory<byte> payload) =>
        new(NodeMessageKind.Parts, room, name, metadata, isJson, Guid.Empty, null, payload);

    public static NodeMessage Presence(RoomKey room, PresenceEntry entry) =>
        new(NodeMessageKind.Presence, room, "", "", true, entry.ChannelId, entry, default);

    public static NodeMessage Absence(RoomKey room, Guid channelId) =>
        new(NodeMessageKind.Absence, room, "", "", true, channelId, null, default);

    public byte[] Encode(Guid nodeId)
    {
        var head = new JsonObject
        {
            ["node"] = nodeId,
            ["kind"] = (int)Kind,
            ["topic"] = Room.Name,
            ["private"] = Room.IsPrivate,
            ["name"] = Name,
            ["meta"] = Metadata,
            ["json"] = IsJson,
            ["channel"] = ChannelId,
            ["entry"] = Entry is null ? null : new JsonObject
            {
                ["key"] = Entry.Key,
                ["ref"] = Entry.Reference,
                ["payload"] = Entry.Payload.DeepClone(),
            },
        }.ToJsonString();
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(Encoding.UTF8.GetBytes(head));
        buffer.Write("\n"u8);
        buffer.Write(Payload.Span);
        return buffer.WrittenSpan.ToArray();
    }

    public static NodeMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        var end = bytes.Span.IndexOf((byte)'\n');
        var head = JsonElement.Parse(bytes.Span[..end]);
        var (node, channel) = (head.GetProperty("node").GetGuid(), head.GetProperty("channel").GetGuid());
        var entry = head.GetProperty("entry") is { ValueKind: JsonValueKind.Object } present
            ? new PresenceEntry(
                channel, node, present.GetProperty("key").GetString()!, present.GetProperty("ref").GetString()!,
                JsonObject.Create(present.GetProperty("payload"))!)
            : null;
        return new NodeMessage(
            (NodeMessageKind)head.GetProperty("kind").GetInt32(),
            new RoomKey(head.GetProperty("topic").GetString()!, head.GetProperty("private").GetBoolean()),
            head.GetProperty("name").GetString()!, head.GetProperty("meta").GetString()!, head.GetProperty("json").GetBoolean(),
            channel, entry, bytes[(end + 1)..])
        {
            NodeId = node,
        };
    }
}
