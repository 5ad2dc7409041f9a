namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>A row that this node holds for a while.</summary>
/// <param name="Id">The row.</param>
/// <param name="UserId">Its owner, or null for work without one.</param>
/// <param name="Fence">The fencing number: whoever writes with an older one has lost the row and must not commit.</param>
/// <param name="Attempt">How often the row has been claimed, this time included.</param>
public sealed record PumpLease(Guid Id, Guid? UserId, long Fence, int Attempt);

/// <summary>
/// A queue of short work in a module's own table, which Hangfire supervises as a background process. The table has the columns
/// <c>id, user_id, available_at, lease_until, fence, attempts</c>; a row is inserted in the transaction that causes the work.
/// </summary>
public interface IPump
{
    /// <summary>The queue's name, for <c>Jobs:Queues</c> and the dashboard, for example <c>workflows</c>.</summary>
    string Queue { get; }

    /// <summary>The table, with its schema.</summary>
    string Table { get; }

    /// <summary>An SQL condition: which rows are work. A constant, never built from input.</summary>
    string Claimable { get; }

    /// <summary>The channel whose NOTIFY wakes the pump.</summary>
    string Channel => $"platform_{Queue}";

    /// <summary>How long a claim holds without a renewal.</summary>
    TimeSpan Lease => TimeSpan.FromSeconds(30);

    /// <summary>How many rows are worked at once on a node.</summary>
    int Concurrency => 8;

    /// <summary>After how many claims a row is given up.</summary>
    int MaxAttempts => 10;

    /// <summary>
    /// Works a row to its end, or to where it waits. Everything that it writes checks the fence. When it returns, the row must not be
    /// claimable any more, or be so at a later <c>available_at</c>.
    /// </summary>
    /// <param name="services">A scope of its own, whose caller is the row's owner.</param>
    /// <param name="lease">The claim.</param>
    /// <param name="cancellationToken">Cancelled when the lease is lost or the node drains: leave the row as it is.</param>
    /// <returns>When the work is done.</returns>
    Task RunAsync(IServiceProvider services, PumpLease lease, CancellationToken cancellationToken);

    /// <summary>Ends a row that has failed too often, or whose work cannot be done: a dead letter.</summary>
    /// <param name="services">A scope of its own, whose caller is the row's owner.</param>
    /// <param name="lease">The claim.</param>
    /// <param name="reason">What went wrong, for people.</param>
    /// <param name="cancellationToken">Cancelled when the node drains.</param>
    /// <returns>When the row has ended.</returns>
    Task BuryAsync(IServiceProvider services, PumpLease lease, string reason, CancellationToken cancellationToken);
}
