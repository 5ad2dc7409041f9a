using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Nodes;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>
/// Reads this node's logical replication slot: changes of published tables, stored broadcasts, and messages of other nodes. The slot is
/// temporary: it ends with the connection, so that it can never fill the disk. It begins with the first channel.
/// </summary>
internal sealed class ChangeFeed(
    RealtimeDatabase database, RelationCatalog catalog, ChangeDispatcher dispatcher, StoredBroadcasts stored, NodeBus bus, Rooms rooms,
    TimeProvider clock, ILogger<ChangeFeed> logger)
{
    private const int BatchSize = 500;
    private const int MaxWaiting = 5_000;

    // Written by an event trigger of the database, in the transaction that changes a right or a table.
    private const string CatalogPrefix = "platform.realtime.catalog";
    private const string LostChanges = "The connection to the database was lost; changes in the meantime are not told.";
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private readonly Lock _starting = new();
    private TaskCompletionSource _attached = New();
    private bool _wanted;
    private readonly TaskCompletionSource _firstChannel = New();

    /// <summary>When the feed is attached: what is committed from then on is told.</summary>
    public Task AttachedAsync(CancellationToken cancellationToken)
    {
        lock (_starting)
        {
            if (!_wanted)
            {
                _wanted = true;
                _firstChannel.TrySetResult();
            }

            return _attached.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Reads until the server ends; begins again after a loss of the connection.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await _firstChannel.Task.WaitAsync(stopping);
        var (losses, wasLost) = (0, false);
        while (!stopping.IsCancellationRequested)
        {
            var begun = clock.GetTimestamp();
            try
            {
                await ReadAsync(wasLost, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                wasLost = true;
                losses = clock.GetElapsedTime(begun) > LongestPause ? 0 : losses + 1;
                logger.RealtimeFeedLost(exception);
                database.ForgetConnections();
                Detach();
                var pause = TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, 100 * Math.Pow(2, Math.Min(losses, 10))));
                await Task.Delay(pause, clock, stopping);
            }
        }
    }

    private async Task ReadAsync(bool wasLost, CancellationToken stopping)
    {
        await using var connection = new LogicalReplicationConnection(database.ReplicationConnectionString);
        await connection.Open(stopping);
        var slot = await connection.CreatePgOutputReplicationSlot(bus.SlotName, temporarySlot: true, cancellationToken: stopping);
        var options = new PgOutputReplicationOptions(
            ["supabase_realtime", "supabase_realtime_messages_publication"], PgOutputProtocolVersion.V1, messages: true);
        Attach(wasLost);
        var reader = new ChangeReader(catalog);
        var changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var dispatching = DispatchAsync(changes.Reader, either);
        try
        {
            await foreach (var message in connection.StartReplication(slot, options, either.Token))
            {
                await HandleAsync(message, reader, changes.Writer, either.Token);
                if (message is CommitMessage)
                {
                    connection.SetReplicationStatus(message.WalEnd);
                }
            }
        }
        finally
        {
            await either.CancelAsync();
            // What ended the telling is the reason of it all.
            await dispatching;
        }
    }

    // Changes that came while the last ones were told are told together: the more there is, the less each costs.
    private async Task DispatchAsync(ChannelReader<Change> changes, CancellationTokenSource feed)
    {
        try
        {
            var batch = new List<Change>();
            while (await changes.WaitToReadAsync(feed.Token))
            {
                batch.Clear();
                while (batch.Count < BatchSize && changes.TryRead(out var change))
                {
                    batch.Add(change);
                }

                await dispatcher.DispatchAsync(batch, feed.Token);
            }
        }
        catch (OperationCanceledException) when (feed.IsCancellationRequested)
        {
            // The feed has ended.
        }
        finally
        {
            await feed.CancelAsync();
        }
    }

    private async Task HandleAsync(
        PgOutputReplicationMessage message, ChangeReader reader, ChannelWriter<Change> changes, CancellationToken stopping)
    {
        switch (message)
        {
            case LogicalDecodingMessage { Prefix: CatalogPrefix }:
                await database.WaitUntilSettledAsync(reader.TransactionId, stopping);
                catalog.Invalidate();
                reader.Refresh();
                break;
            case LogicalDecodingMessage { Prefix: NodeBus.Prefix } told:
                await ReceiveAsync(told, stopping);
                break;
            case InsertMessage insert when StoredBroadcasts.IsMessage(insert.Relation):
                await stored.DeliverAsync(insert, stopping);
                break;
            case InsertMessage or UpdateMessage or DeleteMessage or BeginMessage or RelationMessage:
                if (await reader.ReadAsync(message, stopping) is { } change)
                {
                    await changes.WriteAsync(change, stopping);
                }

                break;
        }
    }

    private async Task ReceiveAsync(LogicalDecodingMessage message, CancellationToken stopping)
    {
        using var content = new MemoryStream();
        await message.Data.CopyToAsync(content, stopping);
        var told = NodeMessage.Decode(content.ToArray());
        if (told.NodeId == bus.NodeId)
        {
            return;
        }

        bus.Meet(told.NodeId);
        if (told.Kind == NodeMessageKind.Hello)
        {
            rooms.Introduce();
        }
        else
        {
            rooms.Receive(told);
        }
    }

    private void Attach(bool wasLost)
    {
        lock (_starting)
        {
            _attached.TrySetResult();
        }

        bus.Publish(NodeMessage.Hello);
        rooms.Introduce();
        if (wasLost)
        {
            foreach (var channel in dispatcher.Channels)
            {
                channel.PushSystem("postgres_changes", "ok", "Subscribed to PostgreSQL");
            }
        }
    }

    private void Detach()
    {
        lock (_starting)
        {
            if (_attached.Task.IsCompleted)
            {
                _attached = New();
            }
        }

        foreach (var channel in dispatcher.Channels)
        {
            channel.PushSystem("postgres_changes", "error", LostChanges);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
