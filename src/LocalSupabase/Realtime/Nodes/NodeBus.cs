using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Realtime.Nodes;

/// <summary>
/// Carries messages to the other nodes on the same database. They travel as logical messages in the write-ahead log
/// (<c>pg_logical_emit_message</c>), which every node's change feed reads anyway: of any size, in one order, and never lost. Nothing is
/// written while this node is alone.
/// </summary>
internal sealed class NodeBus(RealtimeDatabase database, ILogger<NodeBus> logger)
{
    /// <summary>Marks our messages in the log.</summary>
    public const string Prefix = "platform.realtime";

    /// <summary>Each node's replication slot is named for it, so that a node that died is missed.</summary>
    public const string SlotPrefix = "platform_realtime_";

    private const int MaxWaiting = 10_000;
    private readonly Channel<NodeMessage> _waiting = Channel.CreateBounded<NodeMessage>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private readonly ConcurrentDictionary<Guid, bool> _others = new();

    public Guid NodeId { get; } = Guid.CreateVersion7();

    public string SlotName => $"{SlotPrefix}{NodeId:N}";

    /// <summary>Queues a message for the other nodes, if there are any.</summary>
    public void Publish(NodeMessage message)
    {
        if (!_others.IsEmpty || message.Kind == NodeMessageKind.Hello)
        {
            _waiting.Writer.TryWrite(message);
        }
    }

    /// <summary>Remembers a node that was heard of.</summary>
    public void Meet(Guid nodeId) => _others.TryAdd(nodeId, true);

    /// <summary>Which nodes have gone since this was last asked: those whose slot is no longer there.</summary>
    public async Task<IReadOnlyList<Guid>> MissingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Service.OpenConnectionAsync(cancellationToken);
        var slots = await connection.Command(
            "select slot_name::text from pg_replication_slots where slot_name like @pattern and active", ("pattern", $"{SlotPrefix}%"))
            .ListAsync(reader => reader.GetString(0), cancellationToken);
        var there = slots.Select(slot => Guid.TryParse(slot[SlotPrefix.Length..], out var id) ? id : Guid.Empty).ToHashSet();
        foreach (var node in there.Where(node => node != NodeId && node != Guid.Empty))
        {
            Meet(node);
        }

        return [.. _others.Keys.Where(node => !there.Contains(node) && _others.TryRemove(node, out _))];
    }

    /// <summary>Sends what waits until the server ends.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var batch = new List<byte[]>();
        while (await _waiting.Reader.WaitToReadAsync(stopping))
        {
            batch.Clear();
            while (batch.Count < 100 && _waiting.Reader.TryRead(out var message))
            {
                batch.Add(message.Encode(NodeId));
            }

            try
            {
                await using var connection = await database.Service.OpenConnectionAsync(stopping);
                await connection.Command(
                    "select pg_logical_emit_message(true, @prefix, content) from unnest(@contents) with ordinality as m (content, n) order by n",
                    ("prefix", Prefix), ("contents", batch.ToArray())).ExecuteAsync(stopping);
            }
            catch (NpgsqlException exception)
            {
                logger.RealtimeNodeMessagesLost(exception, batch.Count);
            }
        }
    }
}
