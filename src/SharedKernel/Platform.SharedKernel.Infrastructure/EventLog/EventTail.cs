using System.Runtime.CompilerServices;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Events;

namespace Platform.SharedKernel.Infrastructure.EventLog;

/// <summary>
/// The live end of a topic, for a node that tells many at once. It reads as the system: whoever is told must have been found to own the
/// topic.
/// </summary>
public sealed class EventTail
{
    private const int BatchSize = 200;
    private static readonly Caller Reader = Caller.System("platform:tail-topics");
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly KernelDatabase _database;
    private readonly NotificationHub _hub;
    private readonly TimeProvider _clock;

    internal EventTail(KernelDatabase database, NotificationHub hub, TimeProvider clock) =>
        (_database, _hub, _clock) = (database, hub, clock);

    /// <summary>The number of a topic's last event.</summary>
    /// <returns>Null where there is no such topic.</returns>
    public async Task<long?> LastAsync(string topic, CancellationToken cancellationToken) =>
        (await _database.QueryAsync(
            Reader,
            "select last_seq from platform.stream_topics where topic = @topic",
            reader => (long?)reader.GetInt64(0),
            cancellationToken,
            new NpgsqlParameter<string>("topic", topic))).SingleOrDefault();

    /// <summary>The events after a number as JSON objects <c>{seq, type, payload, final, at}</c>, in order, without end.</summary>
    public async IAsyncEnumerable<(string Type, string Json)> FollowAsync(
        string topic, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var wakeUps = _hub.Subscribe(EventStream.Channel, topic);
        while (true)
        {
            var events = await ReadAsync(topic, after, cancellationToken);
            foreach (var (seq, type, json) in events)
            {
                yield return (type, json);
                after = seq;
            }

            if (events.Count < BatchSize)
            {
                await wakeUps.WaitAsync(LookAgain, cancellationToken);
            }
        }
    }

    // Nothing is lost with the database: the number says where to go on.
    private async Task<List<(long Seq, string Type, string Json)>> ReadAsync(string topic, long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _database.QueryAsync(
                    Reader,
                    """
                    select seq, type, jsonb_build_object('seq', seq, 'type', type, 'payload', payload, 'final', final, 'at', at)::text
                    from platform.stream_events where topic = @topic and seq > @after order by seq limit @limit
                    """,
                    reader => (reader.GetInt64(0), reader.GetString(1), reader.GetString(2)),
                    cancellationToken,
                    new NpgsqlParameter<string>("topic", topic),
                    new NpgsqlParameter<long>("after", after),
                    new NpgsqlParameter<int>("limit", BatchSize));
            }
            catch (NpgsqlException)
            {
                await Task.Delay(Pause, _clock, cancellationToken);
            }
        }
    }
}
