using System.Text.Json;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>What a client asks for when it joins. What is ill-typed counts as left out, as in the original.</summary>
internal sealed record JoinConfig(
    bool IsPrivate, bool BroadcastToSelf, bool AcknowledgeBroadcast, JsonElement Replay, bool AnnounceReplication,
    string PresenceKey, bool PresenceEnabled, IReadOnlyList<JsonElement> Changes, string? AccessToken)
{
    public static JoinConfig Of(JsonElement payload)
    {
        var config = Member(payload, "config");
        var (broadcast, presence) = (Member(config, "broadcast"), Member(config, "presence"));
        var changes = Member(config, "postgres_changes");
        var key = Text(presence, "key");
        return new JoinConfig(
            Flag(config, "private"),
            Flag(broadcast, "self"),
            Flag(broadcast, "ack"),
            Member(broadcast, "replay"),
            Flag(broadcast, "replication_ready"),
            string.IsNullOrEmpty(key) ? Guid.CreateVersion7().ToString() : key,
            Member(presence, "enabled").ValueKind == JsonValueKind.Undefined ? presence.ValueKind == JsonValueKind.Object : Flag(presence, "enabled"),
            changes.ValueKind == JsonValueKind.Array ? [.. changes.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object)] : [],
            Text(payload, "access_token") ?? Text(payload, "user_token"));
    }

    public static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    public static string? Text(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static bool Flag(JsonElement parent, string name) => Member(parent, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.String } text => text.GetString() == "true",
        _ => false,
    };
}
