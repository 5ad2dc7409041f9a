using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime.Topics;

/// <summary>
/// Brings events of the application's log to the private channels of their topics. The node that has a member reads the topic, so that an
/// event costs nothing where nobody listens.
/// </summary>
internal sealed class TopicBroadcasts(Rooms rooms, ILogger<TopicBroadcasts> logger, ITopicLog? log = null) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, Followed> _followed = new(StringComparer.Ordinal);

    private sealed record Followed(HashSet<Guid> Members, CancellationTokenSource Ended);

    /// <summary>Follows the topic of a channel that was just let in, if it is one. Events committed afterwards reach the channel.</summary>
    public async Task JoinAsync(RealtimeChannel channel, CancellationToken cancellationToken)
    {
        if (log is null || !channel.Config.IsPrivate || !channel.Rights.ReadsBroadcast)
        {
            return;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_followed.TryGetValue(channel.Name, out var followed))
            {
                followed.Members.Add(channel.Id);
                return;
            }

            var ended = new CancellationTokenSource();
            if (await log.FollowAsync(channel.Name, ended.Token) is not { } events)
            {
                ended.Dispose();
                return;
            }

            _followed.Add(channel.Name, new Followed([channel.Id], ended));
            _ = DeliverAsync(channel.Room, events, ended);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A channel has ended; with the last one of a topic, so does the following.</summary>
    public void Leave(RealtimeChannel channel)
    {
        if (log is not null && channel.Config.IsPrivate)
        {
            _ = LeaveAsync(channel);
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task LeaveAsync(RealtimeChannel channel)
    {
        await _gate.WaitAsync();
        try
        {
            if (_followed.TryGetValue(channel.Name, out var followed) && followed.Members.Remove(channel.Id) && followed.Members.Count == 0)
            {
                _followed.Remove(channel.Name);
                await followed.Ended.CancelAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task DeliverAsync(RoomKey room, IAsyncEnumerable<TopicEvent> events, CancellationTokenSource ended)
    {
        try
        {
            await foreach (var entry in events.WithCancellation(ended.Token))
            {
                rooms.DeliverStored(room, entry.Type, "", isJson: true, entry.Payload);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.RealtimeTopicFailed(exception, room.Name);
        }
        finally
        {
            ended.Dispose();
        }
    }
}
