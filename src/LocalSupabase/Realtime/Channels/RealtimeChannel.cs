using Platform.LocalSupabase.Realtime.Changes;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>A topic that a socket has joined.</summary>
internal sealed class RealtimeChannel(RealtimeSocket socket, string topic, string? joinRef, JoinConfig config, ChannelIdentity identity, ChannelRights rights)
{
    public const string Prefix = "realtime:";

    public Guid Id { get; } = Guid.CreateVersion7();

    public RealtimeSocket Socket => socket;

    /// <summary>The topic with its prefix, as frames name it.</summary>
    public string Topic => topic;

    /// <summary>The topic without its prefix, as policies and the HTTP API name it.</summary>
    public string Name { get; } = topic[Prefix.Length..];

    public string? JoinRef => joinRef;

    public JoinConfig Config => config;

    public RoomKey Room => new(Name, config.IsPrivate);

    public ChannelIdentity Identity { get; set; } = identity;

    public ChannelRights Rights { get; set; } = rights;

    public IReadOnlyList<ChangeSubscription> Subscriptions { get; set; } = [];

    public bool SeesPresence { get; set; } = config.PresenceEnabled;

    public RateWindow Messages { get; } = new();

    public void Push(string name, ReadOnlyMemory<byte> payload) => socket.Send(FrameWriter.Text(socket.Version, joinRef, null, topic, name, payload));

    public void Reply(string? reference, ReadOnlyMemory<byte> payload) =>
        socket.Send(FrameWriter.Text(socket.Version, joinRef, reference, topic, "phx_reply", payload));

    public void PushSystem(string extension, string status, string message) =>
        Push("system", Payload.System(extension, status, message, Name));
}

/// <summary>A room: public and private channels of one name are two.</summary>
internal readonly record struct RoomKey(string Name, bool IsPrivate);

/// <summary>Counts what comes in a second. Used by one socket's loop alone.</summary>
internal sealed class RateWindow
{
    private long _second;
    private int _count;

    /// <summary>Counts one more.</summary>
    /// <returns>Whether it is still within the limit.</returns>
    public bool Admit(TimeProvider clock, int perSecond)
    {
        var second = clock.GetTimestamp() / clock.TimestampFrequency;
        if (second != _second)
        {
            (_second, _count) = (second, 0);
        }

        return ++_count <= perSecond;
    }
}
