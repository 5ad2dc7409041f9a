using System.Text;
using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Wire;

/// <summary>Reads frames. What cannot be read answers null: such a frame is dropped, and the socket stays.</summary>
internal static class FrameReader
{
    private const byte UserBroadcastPush = 3;
    private const int HeaderLength = 7;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static InboundMessage? ReadText(ReadOnlyMemory<byte> frame, int version)
    {
        try
        {
            var root = JsonElement.Parse(frame.Span);
            return version == 1 ? ReadObject(root) : ReadArray(root);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static InboundBroadcast? ReadBinary(ReadOnlyMemory<byte> frame)
    {
        var head = frame.Span;
        if (head.Length < HeaderLength || head[0] != UserBroadcastPush)
        {
            return null;
        }

        var lengths = (JoinRef: head[1], Ref: head[2], Topic: head[3], Event: head[4], Metadata: head[5]);
        var start = HeaderLength;
        if (frame.Length < start + lengths.JoinRef + lengths.Ref + lengths.Topic + lengths.Event + lengths.Metadata)
        {
            return null;
        }

        string Next(int length)
        {
            var text = Utf8.GetString(frame.Span.Slice(start, length));
            start += length;
            return text;
        }

        try
        {
            var isJson = head[6] == 1;
            var joinRef = Next(lengths.JoinRef);
            var reference = Next(lengths.Ref);
            var (topic, name, metadata) = (Next(lengths.Topic), Next(lengths.Event), Next(lengths.Metadata));
            return new InboundBroadcast(NullIfEmpty(joinRef), NullIfEmpty(reference), topic, name, metadata, isJson, frame[start..].ToArray());
        }
        catch (ArgumentException)
        {
            // Bytes that are no UTF-8.
            return null;
        }
    }

    private static InboundMessage? ReadObject(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && Text(root, "topic") is { } topic && Text(root, "event") is { } name
            ? new InboundMessage(Text(root, "join_ref"), Text(root, "ref"), topic, name, root.TryGetProperty("payload", out var payload) ? payload : default)
            : null;

    private static InboundMessage? ReadArray(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 5 && Text(root[2]) is { } topic && Text(root[3]) is { } name
            ? new InboundMessage(Text(root[0]), Text(root[1]), topic, name, root[4])
            : null;

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? Text(value) : null;

    // Refs are strings; some clients send numbers.
    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
