using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Realtime.Changes;
using Platform.LocalSupabase.Realtime.Channels;
using Platform.LocalSupabase.Realtime.Nodes;

namespace Platform.LocalSupabase.Realtime;

/// <summary>The service's sockets and its background work: the change feed, the bus between nodes, and the watch over tokens and sessions.</summary>
internal sealed class RealtimeService(
    ChannelJoin join, ChannelAuthorizer authorizer, ChannelIdentities identities, Rooms rooms, ChangeFeed feed, NodeBus bus,
    RealtimeDatabase database, RealtimeLimits limits, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<RealtimeService> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<RealtimeSession, RealtimeSocket> _sessions = new();

    /// <summary>Whether another socket may come.</summary>
    public bool HasRoom => _sessions.Count < limits.MaxSockets;

    /// <summary>Serves a socket until it ends, or the server begins to: it would wait for every open connection.</summary>
    public async Task ServeAsync(WebSocket webSocket, int version, string key)
    {
        using var socket = new RealtimeSocket(webSocket, version, key, limits, logger);
        var session = new RealtimeSession(socket, join, authorizer, identities, rooms, limits, clock);
        _sessions[session] = socket;
        try
        {
            await socket.RunAsync(session.HandleAsync, lifetime.ApplicationStopping);
        }
        catch (NpgsqlException exception)
        {
            // The client joins again and finds the database, or does not.
            logger.RealtimeSocketFailed(exception);
            socket.Abort();
        }
        finally
        {
            session.End();
            _sessions.TryRemove(session, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(feed.RunAsync(stoppingToken), bus.RunAsync(stoppingToken), WatchAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(limits.CheckInterval);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            if (_sessions.IsEmpty)
            {
                continue;
            }

            try
            {
                ExpelExpired();
                await ExpelEndedAsync(stopping);
                foreach (var node in await bus.MissingAsync(stopping))
                {
                    rooms.Forget(node);
                }
            }
            catch (NpgsqlException exception)
            {
                logger.RealtimeWatchFailed(exception);
            }
        }
    }

    private void ExpelExpired()
    {
        var now = clock.GetUtcNow();
        foreach (var session in _sessions.Keys)
        {
            foreach (var channel in session.Snapshot().Where(channel => channel.Identity.ExpiresAt <= now))
            {
                session.Expel(channel, identities.ExpiryText(channel.Identity));
            }
        }
    }

    // Signing out, a ban and a deletion end a person's channels: the hosted service waits until the token expires.
    private async Task ExpelEndedAsync(CancellationToken stopping)
    {
        var channels = _sessions.Keys
            .SelectMany(session => session.Snapshot().Select(channel => (session, channel, Id: SessionOf(channel))))
            .Where(entry => entry.Id is not null)
            .ToList();
        if (channels.Count == 0)
        {
            return;
        }

        await using var connection = await database.Service.OpenConnectionAsync(stopping);
        var standing = (await connection.Command(
            """
            select s.id from auth.sessions as s join auth.users as u on u.id = s.user_id
            where s.id = any (@ids) and (s.not_after is null or s.not_after > now())
              and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now())
            """,
            ("ids", channels.Select(entry => entry.Id!.Value).Distinct().ToArray()))
            .ListAsync(reader => reader.GetGuid(0), stopping)).ToHashSet();
        foreach (var (session, channel, id) in channels.Where(entry => !standing.Contains(entry.Id!.Value)))
        {
            session.Expel(channel, "The session has ended");
        }
    }

    private static Guid? SessionOf(RealtimeChannel channel) => Guid.TryParse(channel.Identity.SessionId, out var id) ? id : null;
}
