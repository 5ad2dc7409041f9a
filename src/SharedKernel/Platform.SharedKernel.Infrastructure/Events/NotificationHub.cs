using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Jobs;

namespace Platform.SharedKernel.Infrastructure.Events;

/// <summary>
/// PostgreSQL's NOTIFY for all of the node, over one connection. A wake-up is a hint: whoever waits also looks from time to time,
/// and is woken when the connection had to be made again.
/// </summary>
internal sealed class NotificationHub(KernelDatabase database, TimeProvider clock, ILogger<NotificationHub> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Channel, string Payload), HashSet<Channel<bool>>> _waiters = [];
    private readonly ConcurrentDictionary<string, byte> _channels = new();
    private CancellationTokenSource? _relisten;

    private TimeProvider Clock => clock;

    /// <summary>Subscribes to a channel's notifications with a payload; an empty payload means all of them.</summary>
    public Subscription Subscribe(string channel, string payload = "")
    {
        var waiter = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        lock (_gate)
        {
            if (!_waiters.TryGetValue((channel, payload), out var waiters))
            {
                _waiters.Add((channel, payload), waiters = []);
            }

            waiters.Add(waiter);
        }

        if (_channels.TryAdd(channel, 0))
        {
            _relisten?.Cancel();
        }

        return new Subscription(this, (channel, payload), waiter);
    }

    /// <summary>Wakes this node's waiters at once, without the database's detour.</summary>
    public void Wake(string channel, string payload)
    {
        Signal((channel, payload));
        if (payload.Length > 0)
        {
            Signal((channel, ""));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var relisten = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _relisten = relisten;
            try
            {
                await ListenAsync(relisten.Token);
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                // A new channel was asked for: listen again with it.
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException)
            {
                logger.NotificationsLost(exception);
                database.ForgetConnections();
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenListenerAsync(cancellationToken);
        connection.Notification += (_, message) => Wake(message.Channel, message.Payload);
        var channels = _channels.Keys.ToArray();
        if (channels.Length > 0)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = string.Join(';', channels.Select(channel => $"listen \"{channel.Replace("\"", "", StringComparison.Ordinal)}\""));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // What was sent while nobody listened is lost: let everybody look.
        SignalAll();

        if (_channels.Count != channels.Length)
        {
            return;
        }

        try
        {
            while (true)
            {
                await connection.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            await UnlistenAsync(connection);
        }
    }

    private static async Task UnlistenAsync(NpgsqlConnection connection)
    {
        if (connection.FullState == System.Data.ConnectionState.Open)
        {
            // The pool does not reset sessions.
            await using var command = connection.CreateCommand();
            command.CommandText = "unlisten *";
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private void SignalAll()
    {
        lock (_gate)
        {
            foreach (var waiter in _waiters.Values.SelectMany(waiters => waiters))
            {
                waiter.Writer.TryWrite(true);
            }
        }
    }

    private void Signal((string, string) key)
    {
        lock (_gate)
        {
            foreach (var waiter in _waiters.GetValueOrDefault(key) ?? [])
            {
                waiter.Writer.TryWrite(true);
            }
        }
    }

    private void Remove((string, string) key, Channel<bool> waiter)
    {
        lock (_gate)
        {
            if (_waiters.TryGetValue(key, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
            {
                _waiters.Remove(key);
            }
        }
    }

    /// <summary>Somebody who waits.</summary>
    internal sealed class Subscription(NotificationHub hub, (string, string) key, Channel<bool> waiter) : IWakeUps, IDisposable
    {
        /// <summary>Waits for a wake-up since the last wait, or until the time is over.</summary>
        /// <returns>Whether it was woken.</returns>
        public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
        {
            using var timer = new CancellationTokenSource(timeout, hub.Clock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
            try
            {
                return await waiter.Reader.ReadAsync(linked.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose() => hub.Remove(key, waiter);
    }
}
