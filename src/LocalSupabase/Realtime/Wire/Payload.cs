using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Realtime.Wire;

/// <summary>The small payloads of the protocol.</summary>
internal static class Payload
{
    public static ReadOnlyMemory<byte> Empty { get; } = "{}"u8.ToArray();

    public static ReadOnlyMemory<byte> Of(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node);

    public static ReadOnlyMemory<byte> Ok(JsonObject? response = null) => Of(new JsonObject { ["status"] = "ok", ["response"] = response ?? [] });

    public static ReadOnlyMemory<byte> Error(string reason) =>
        Of(new JsonObject { ["status"] = "error", ["response"] = new JsonObject { ["reason"] = reason } });

    public static ReadOnlyMemory<byte> System(string extension, string status, string message, string channel) => Of(new JsonObject
    {
        ["extension"] = extension,
        ["status"] = status,
        ["message"] = message,
        ["channel"] = channel,
    });

    /// <summary>A broadcast for clients that get it as text.</summary>
    public static ReadOnlyMemory<byte> Broadcast(string name, ReadOnlyMemory<byte> payload, string metadata)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(payload.Length + 64);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("type", "broadcast");
        json.WriteString("event", name);
        json.WritePropertyName("payload");
        json.WriteRawValue(payload.Span, skipInputValidation: true);
        if (metadata.Length > 0)
        {
            json.WritePropertyName("meta");
            json.WriteRawValue(metadata, skipInputValidation: true);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
