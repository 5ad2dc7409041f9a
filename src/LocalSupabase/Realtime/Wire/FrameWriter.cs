using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Wire;

/// <summary>Writes frames in the serialisation of a socket: objects for version 1.0.0, arrays for 2.0.0.</summary>
internal static class FrameWriter
{
    private const byte UserBroadcast = 4;

    /// <summary>A text frame.</summary>
    /// <param name="version">1 or 2.</param>
    /// <param name="joinRef">The channel's reference, or null for what goes to many.</param>
    /// <param name="reference">The reference of what is answered, or null.</param>
    /// <param name="topic">The topic with its prefix.</param>
    /// <param name="name">The event.</param>
    /// <param name="payload">The payload as JSON text.</param>
    public static OutboundFrame Text(int version, string? joinRef, string? reference, string topic, string name, ReadOnlyMemory<byte> payload)
    {
        var buffer = new ArrayBufferWriter<byte>(payload.Length + 128);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        if (version == 1)
        {
            json.WriteStartObject();
            json.WriteString("topic", topic);
            json.WriteString("event", name);
            json.WritePropertyName("payload");
            json.WriteRawValue(payload.Span, skipInputValidation: true);
            json.WriteString("ref", reference);
            json.WriteString("join_ref", joinRef);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray();
            json.WriteStringValue(joinRef);
            json.WriteStringValue(reference);
            json.WriteStringValue(topic);
            json.WriteStringValue(name);
            json.WriteRawValue(payload.Span, skipInputValidation: true);
            json.WriteEndArray();
        }

        json.Flush();
        return new OutboundFrame(buffer.WrittenMemory, IsBinary: false);
    }

    /// <summary>A user's broadcast as a binary frame (kind 4), which clients of version 2.0.0 read.</summary>
    public static OutboundFrame Broadcast(string topic, string name, string metadata, bool isJson, ReadOnlyMemory<byte> payload)
    {
        var (topicBytes, nameBytes, metadataBytes) = (Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(metadata));
        var frame = new byte[5 + topicBytes.Length + nameBytes.Length + metadataBytes.Length + payload.Length];
        frame[0] = UserBroadcast;
        frame[1] = (byte)topicBytes.Length;
        frame[2] = (byte)nameBytes.Length;
        frame[3] = (byte)metadataBytes.Length;
        frame[4] = isJson ? (byte)1 : (byte)0;
        var start = 5;
        foreach (var part in (ReadOnlySpan<ReadOnlyMemory<byte>>)[topicBytes, nameBytes, metadataBytes, payload])
        {
            part.CopyTo(frame.AsMemory(start));
            start += part.Length;
        }

        return new OutboundFrame(frame, IsBinary: true);
    }
}
