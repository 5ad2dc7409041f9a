namespace Platform.LocalSupabase.Realtime.Topics;

/// <summary>
/// The application's own log of events, whose topics can be followed on private channels of the same name. Who may join such a channel is
/// said by policies on <c>realtime.messages</c>, as for every other.
/// </summary>
public interface ITopicLog
{
    /// <summary>Follows a topic from now on: what is committed after the task has ended is given, in order and without gaps.</summary>
    /// <param name="topic">The channel's name, which may be no topic at all.</param>
    /// <param name="cancellationToken">Ends the following.</param>
    /// <returns>The events to come; null where there is no such topic.</returns>
    Task<IAsyncEnumerable<TopicEvent>?> FollowAsync(string topic, CancellationToken cancellationToken);
}

/// <summary>An event of a topic: its type is the broadcast's event, and <c>Payload</c> is a JSON object that holds its number.</summary>
public sealed record TopicEvent(string Type, ReadOnlyMemory<byte> Payload);
