using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Wire;

/// <summary>A message of the Phoenix protocol as a client sends it, in either serialisation.</summary>
internal sealed record InboundMessage(string? JoinRef, string? Ref, string Topic, string Event, JsonElement Payload);

/// <summary>
/// A broadcast that came as a binary frame (kind 3). Its payload, JSON text or bytes, is passed on as it is; its metadata is JSON text or
/// empty.
/// </summary>
internal sealed record InboundBroadcast(
    string? JoinRef, string? Ref, string Topic, string Event, string Metadata, bool IsJson, ReadOnlyMemory<byte> Payload);

/// <summary>A frame that is ready for the wire.</summary>
internal readonly record struct OutboundFrame(ReadOnlyMemory<byte> Data, bool IsBinary);
