namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>What an identity may do on a channel. Public channels allow all; private ones what policies on realtime.messages say.</summary>
internal sealed class ChannelRights(bool readsBroadcast, bool readsPresence, bool? writes)
{
    public static ChannelRights Public => new(true, true, true);

    public bool ReadsBroadcast => readsBroadcast;

    public bool ReadsPresence => readsPresence;

    public bool MayJoin => readsBroadcast || readsPresence;

    /// <summary>Whether broadcasts may be sent; null until the first one is.</summary>
    public bool? WritesBroadcast { get; set; } = writes;

    /// <summary>Whether presence may be tracked; null until it is.</summary>
    public bool? WritesPresence { get; set; } = writes;
}
