using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Infrastructure.Pipeline;

namespace Platform.SharedKernel.Infrastructure.Events;

/// <summary>
/// Delivers integration events: at least once, in order per aggregate. Each reaction runs in a scope and transaction of its own that
/// also writes its delivery record, so that a failing reaction repeats alone and a repeat changes nothing.
/// </summary>
internal sealed class OutboxPump(
    KernelDatabase database, IEnumerable<ReactionDescriptor> reactions, ModuleRegistry modules, ILogger<OutboxPump> logger) : IPump
{
    private static readonly Caller System = Caller.System("platform:deliver-events");
    private readonly ILookup<Type, ReactionDescriptor> _reactions = reactions.ToLookup(reaction => reaction.EventType);

    public string Queue => "events";

    public string Table => "platform.outbox";

    public string Claimable =>
        """
        t.status = 'queued' and t.position = (
          select min(older.position) from platform.outbox as older
          where older.aggregate_id = t.aggregate_id and older.status = 'queued')
        """;

    public async Task RunAsync(IServiceProvider services, PumpLease lease, CancellationToken cancellationToken)
    {
        var (name, payload) = (await database.QueryAsync(
            System,
            "select name, payload::text from platform.outbox where id = @id",
            reader => (reader.GetString(0), reader.GetString(1)),
            cancellationToken,
            new NpgsqlParameter<Guid>("id", lease.Id))).Single();
        var type = EventNames.Find(name) ?? throw new InvalidOperationException($"No event is named {name}.");
        var integrationEvent = (IntegrationEvent)JsonSerializer.Deserialize(payload, type, PlatformJson.Options)!;
        var delivered = await DeliveredAsync(lease.Id, cancellationToken);

        Exception? failure = null;
        foreach (var reaction in _reactions[type].Where(reaction => !delivered.Contains(reaction.Name)))
        {
            try
            {
                await ReactAsync(services, lease, reaction, integrationEvent, cancellationToken);
                Count(reaction, "delivered");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                failure = exception;
                logger.ReactionFailed(exception, reaction.Name, lease.Id, lease.Attempt);
                Count(reaction, "failed");
            }
        }

        if (failure is not null)
        {
            throw new InvalidOperationException("A reaction failed.", failure);
        }

        await EndAsync(lease, "dispatched", null, cancellationToken);
    }

    public Task BuryAsync(IServiceProvider services, PumpLease lease, string reason, CancellationToken cancellationToken) =>
        EndAsync(lease, "dead", reason, cancellationToken);

    private static void Count(ReactionDescriptor reaction, string outcome) =>
        PlatformMeter.Deliveries.Add(
            1, new KeyValuePair<string, object?>("handler", reaction.Name), new KeyValuePair<string, object?>("outcome", outcome));

    private async Task ReactAsync(
        IServiceProvider services, PumpLease lease, ReactionDescriptor reaction, IntegrationEvent integrationEvent, CancellationToken cancellationToken)
    {
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = lease.UserId is { } userId ? Caller.User(userId) : System;
        var session = scope.ServiceProvider.GetRequiredService<DbSession>();
        session.Mode = UnitOfWorkMode.Command;
        var module = modules.OwnerOf(reaction.HandlerType);
        var db = (ModuleDbContext)scope.ServiceProvider.GetRequiredService(module.ContextType);
        try
        {
            var handler = scope.ServiceProvider.GetRequiredService(reaction.HandlerType);
            await reaction.InvokeAsync(handler, integrationEvent, cancellationToken);
            db.Set<OutboxDelivery>().Add(new OutboxDelivery { EventId = lease.Id, Handler = reaction.Name, UserId = lease.UserId });
            await session.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException exception)
            when (exception.InnerException is PostgresException { ConstraintName: "outbox_deliveries_pkey" })
        {
            // Another node has delivered it in the meantime: our work is undone, theirs stands.
            await session.RollbackAsync();
        }
        catch
        {
            await session.RollbackAsync();
            throw;
        }
    }

    private async Task<HashSet<string>> DeliveredAsync(Guid eventId, CancellationToken cancellationToken) =>
        [.. await database.QueryAsync(
            System,
            "select handler from platform.outbox_deliveries where event_id = @id",
            reader => reader.GetString(0),
            cancellationToken,
            new NpgsqlParameter<Guid>("id", eventId))];

    private Task<int> EndAsync(PumpLease lease, string status, string? error, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            System,
            "update platform.outbox set status = @status, last_error = @error, lease_until = null where id = @id and fence = @fence",
            cancellationToken,
            new NpgsqlParameter<string>("status", status),
            new NpgsqlParameter("error", (object?)error ?? DBNull.Value) { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
            new NpgsqlParameter<Guid>("id", lease.Id),
            new NpgsqlParameter<long>("fence", lease.Fence));
}
