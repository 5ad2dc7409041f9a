using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Pipeline;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>Claims rows of a pump's table, works them and hands them back. Whoever holds the newest fencing number holds the row.</summary>
internal sealed class PumpWorker(
    IPump pump, KernelDatabase database, IServiceScopeFactory scopes, TimeProvider clock, ILogger<PumpWorker> logger)
{
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(10);
    private readonly Caller _caller = Caller.System($"platform:pump-{pump.Queue}");

    public IPump Pump => pump;

    /// <summary>Claims rows that are due and free, or whose lease ran out because their node died.</summary>
    public Task<List<PumpLease>> ClaimAsync(int count, CancellationToken cancellationToken) =>
        database.QueryAsync(
            _caller,
            $"""
            update {pump.Table} as claimed
            set lease_until = now() + @lease, fence = claimed.fence + 1, attempts = claimed.attempts + 1
            from (
              select t.id from {pump.Table} as t
              where ({pump.Claimable}) and t.available_at <= now() and (t.lease_until is null or t.lease_until < now())
              order by t.available_at limit @count for update skip locked
            ) as due
            where claimed.id = due.id
            returning claimed.id, claimed.user_id, claimed.fence, claimed.attempts
            """,
            reader => new PumpLease(
                reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetInt64(2), reader.GetInt32(3)),
            cancellationToken,
            new NpgsqlParameter<TimeSpan>("lease", pump.Lease),
            new NpgsqlParameter<int>("count", count));

    /// <summary>Prolongs leases. Answers which are still ours.</summary>
    public async Task<HashSet<Guid>> RenewAsync(IReadOnlyCollection<PumpLease> leases, CancellationToken cancellationToken)
    {
        var held = await database.QueryAsync(
            _caller,
            $"""
            update {pump.Table} as t set lease_until = now() + @lease
            from unnest(@ids, @fences) as held (id, fence) where t.id = held.id and t.fence = held.fence
            returning t.id
            """,
            reader => reader.GetGuid(0),
            cancellationToken,
            new NpgsqlParameter<TimeSpan>("lease", pump.Lease),
            new NpgsqlParameter<Guid[]>("ids", [.. leases.Select(lease => lease.Id)]),
            new NpgsqlParameter<long[]>("fences", [.. leases.Select(lease => lease.Fence)]));
        return [.. held];
    }

    /// <summary>Works one row: to its end, to a later attempt, or to the dead letters.</summary>
    public async Task WorkAsync(PumpLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await InScopeAsync(lease, services => pump.RunAsync(services, lease, cancellationToken));
            await ReleaseAsync(lease, TimeSpan.Zero, returnAttempt: false);
            Count("done");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Draining, or the lease is lost: then the fence makes this a no-op.
            await ReleaseAsync(lease, TimeSpan.Zero, returnAttempt: true);
            Count("returned");
        }
        catch (Exception exception)
        {
            logger.PumpItemFailed(exception, pump.Queue, lease.Id, lease.Attempt);
            await AfterFailureAsync(lease, exception, cancellationToken);
        }
    }

    private async Task AfterFailureAsync(PumpLease lease, Exception exception, CancellationToken cancellationToken)
    {
        if (lease.Attempt < pump.MaxAttempts)
        {
            await ReleaseAsync(lease, BackOff(lease.Attempt), returnAttempt: false);
            Count("failed");
            return;
        }

        logger.PumpItemBuried(pump.Queue, lease.Id, lease.Attempt);
        await InScopeAsync(lease, services => pump.BuryAsync(services, lease, exception.Message, cancellationToken));
        Count("buried");
    }

    private async Task InScopeAsync(PumpLease lease, Func<IServiceProvider, Task> work)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = lease.UserId is { } userId ? Caller.User(userId) : _caller;
        await work(scope.ServiceProvider);
    }

    private Task<int> ReleaseAsync(PumpLease lease, TimeSpan delay, bool returnAttempt) =>
        database.ExecuteAsync(
            _caller,
            $"""
            update {pump.Table} set lease_until = null, attempts = attempts - @back,
              available_at = case when @delay > interval '0' then now() + @delay else available_at end
            where id = @id and fence = @fence and lease_until is not null
            """,
            CancellationToken.None,
            new NpgsqlParameter<int>("back", returnAttempt ? 1 : 0),
            new NpgsqlParameter<TimeSpan>("delay", delay),
            new NpgsqlParameter<Guid>("id", lease.Id),
            new NpgsqlParameter<long>("fence", lease.Fence));

    private static TimeSpan BackOff(int attempt)
    {
        // Full jitter, so that rows that failed together do not come back together.
        var ceiling = Math.Min(LongestBackOff.TotalSeconds, Math.Pow(2, attempt));
        return TimeSpan.FromSeconds(0.5 + (Random.Shared.NextDouble() * ceiling));
    }

    private void Count(string outcome) =>
        PlatformMeter.PumpItems.Add(
            1, new KeyValuePair<string, object?>("queue", pump.Queue), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>The clock that the loop waits by.</summary>
    internal TimeProvider Clock => clock;
}
