using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Persistence;

internal sealed class WorkflowsDbContext(DbContextOptions<WorkflowsDbContext> options) : ModuleDbContext(options)
{
    public DbSet<Workflow> Workflows => Set<Workflow>();

    public DbSet<WorkflowVersion> WorkflowVersions => Set<WorkflowVersion>();

    public DbSet<Execution> Executions => Set<Execution>();

    public DbSet<ExecutionStep> ExecutionSteps => Set<ExecutionStep>();

    protected override string Schema => WorkflowsModule.Schema;

    /// <summary>
    /// The execution, if the lease still holds it, locked until the transaction ends: whoever lost the lease gets nothing and so can
    /// commit nothing.
    /// </summary>
    public async Task<Execution> LockAsync(Guid id, long fence, CancellationToken cancellationToken) =>
        await Executions
            .FromSql($"select e.*, e.xmin from workflows.workflow_executions as e where e.id = {id} and e.fence = {fence} for update")
            .AsTracking()
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new LeaseLostException();
}

/// <summary>Another worker holds the execution now, or it is gone.</summary>
internal sealed class LeaseLostException() : Exception("The lease of the execution is lost.");
