using System.Runtime.CompilerServices;
using System.Text;
using Platform.LocalSupabase.Realtime.Topics;
using Platform.SharedKernel.Infrastructure.EventLog;

namespace Platform.Host.Embedded;

/// <summary>The kernel's event log, for the private channels of the embedded realtime service.</summary>
internal sealed class EventLogTopics(EventTail tail) : ITopicLog
{
    public async Task<IAsyncEnumerable<TopicEvent>?> FollowAsync(string topic, CancellationToken cancellationToken) =>
        await tail.LastAsync(topic, cancellationToken) is { } last ? EventsAsync(topic, last, cancellationToken) : null;

    private async IAsyncEnumerable<TopicEvent> EventsAsync(string topic, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (type, json) in tail.FollowAsync(topic, after, cancellationToken))
        {
            yield return new TopicEvent(type, Encoding.UTF8.GetBytes(json));
        }
    }
}
