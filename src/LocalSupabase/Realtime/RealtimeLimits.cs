namespace Platform.LocalSupabase.Realtime;

/// <summary>Bounds of the realtime service; the numbers of the hosted one where it has them.</summary>
public sealed class RealtimeLimits
{
    /// <summary>Sockets at once.</summary>
    public int MaxSockets { get; init; } = 2_000;

    /// <summary>Channels of a socket.</summary>
    public int MaxChannels { get; init; } = 100;

    /// <summary>Joins of a socket in a second.</summary>
    public int MaxJoinsPerSecond { get; init; } = 100;

    /// <summary>Broadcasts and presence messages of a channel in a second.</summary>
    public int MaxMessagesPerSecond { get; init; } = 500;

    /// <summary>The largest broadcast, in bytes.</summary>
    public int MaxPayloadBytes { get; init; } = 3_000 * 1024;

    /// <summary>The largest frame, in bytes.</summary>
    public int MaxFrameBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Bytes that may wait for a client that does not read; beyond them it is cut off.</summary>
    public int MaxWaitingBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Frames that may wait for a client that does not read; beyond them it is cut off.</summary>
    public int MaxWaitingFrames { get; init; } = 16_384;

    /// <summary>A socket that is silent for so long is closed. Clients beat every 25 seconds.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often ended sessions and expired tokens are looked for.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(2);
}
