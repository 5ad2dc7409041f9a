using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Events;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>What the pipeline is doing in this scope.</summary>
internal enum UnitOfWorkMode
{
    /// <summary>Nothing: a statement now would run outside the pipeline.</summary>
    None,

    /// <summary>A query: each statement is its own read-only transaction.</summary>
    Query,

    /// <summary>A command: one transaction, begun with the first statement.</summary>
    Command,
}

/// <summary>
/// The scope's database work: it takes each module's context from its pool, and ends what the contexts have begun. The only place in
/// the system that commits. The scope's container gives the contexts back, once: a context that goes back twice would be lent to two
/// people.
/// </summary>
internal sealed class DbSession(
    IServiceProvider services, ICurrentCaller currentCaller, Preconditions preconditions, ReactionIndex reactions, TimeProvider clock)
{
    private readonly List<ModuleDbContext> _contexts = [];

    public Caller Caller => currentCaller.Caller;

    public TimeProvider Clock => clock;

    public ReactionIndex Reactions => reactions;

    public UnitOfWorkMode Mode { get; set; }

    /// <summary>Takes a module's context from its pool. Called by the container alone, once a scope.</summary>
    public TContext Lease<TContext>()
        where TContext : ModuleDbContext
    {
        var context = services.GetRequiredService<ModuleContextPool<TContext>>().Lease(Caller.IsSystem);
        context.Session = this;
        // The unit of work begins the transaction with the first statement; a second one from EF for a save of several rows would fail.
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        // A command that fails is rolled back whole: savepoints would be two round trips for nothing.
        context.Database.AutoSavepointsEnabled = false;
        context.Forget();
        _contexts.Add(context);
        return context;
    }

    /// <summary>Saves and commits what the command did. A command changes one module: a second one with changes is a fault of the code.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        var changed = _contexts.Where(HasWork).ToList();
        if (changed.Count > 1)
        {
            throw new InvalidOperationException(
                $"One command changed two modules: {string.Join(", ", changed.Select(context => context.GetType().Name))}.");
        }

        foreach (var context in changed)
        {
            await context.FlushAsync(preconditions, cancellationToken);
        }

        foreach (var context in _contexts)
        {
            if (context.Database.CurrentTransaction is { } transaction)
            {
                await EndAsync(context, transaction, commit: true, cancellationToken);
            }

            context.Forget();
        }
    }

    /// <summary>
    /// Whether a failed command would do better on what stands now: it lost a race and its client did not insist on a version.
    /// </summary>
    public bool IsWorthRepeating(Exception exception) =>
        !preconditions.IsRequested
        && (exception is DbUpdateConcurrencyException
            || exception is DbUpdateException { InnerException: PostgresException { IsTransient: true } }
            || exception is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected });

    /// <summary>Undoes what the command did.</summary>
    public async Task RollbackAsync()
    {
        foreach (var context in _contexts)
        {
            if (context.Database.CurrentTransaction is { } transaction)
            {
                await EndAsync(context, transaction, commit: false, CancellationToken.None);
            }

            context.Forget();
        }
    }

    private static bool HasWork(ModuleDbContext context) =>
        context.HasPendingWork() || context.Database.CurrentTransaction is not null;

    private static async Task EndAsync(
        ModuleDbContext context, IDbContextTransaction transaction, bool commit, CancellationToken cancellationToken)
    {
        await using (transaction)
        {
            if (commit)
            {
                await transaction.CommitAsync(cancellationToken);
            }
            else
            {
                await transaction.RollbackAsync(cancellationToken);
                if (context.StatementsMayBeSpoilt)
                {
                    PreparedStatements.Forget(context.Database.GetDbConnection());
                }
            }
        }
    }
}
