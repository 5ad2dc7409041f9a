using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Persistence;

internal sealed class WorkflowsDbContext(DbContextOptions<WorkflowsDbContext> options) : ModuleDbContext(options)
{
    public DbSet<Workflow> Workflows => Set<Workflow>();

    public DbSet<WorkflowVersion> WorkflowVersions => Set<WorkflowVersion>();

    public DbSet<Execution> Executions => Set<Execution>();

    public DbSet<ExecutionStep> ExecutionSteps => Set<ExecutionStep>();

    public DbSet<Trigger> Triggers => Set<Trigger>();

    public DbSet<TriggerFiring> TriggerFirings => Set<TriggerFiring>();

    public DbSet<ExecutionSignal> Signals => Set<ExecutionSignal>();

    public DbSet<Payload> Payloads => Set<Payload>();

    protected override string Schema => WorkflowsModule.Schema;

    /// <summary>An execution of the caller, locked: a worker that is putting it down waits for what this command says to it.</summary>
    public async Task<Execution> LockExecutionAsync(Guid id, CancellationToken cancellationToken) =>
        await Executions
            .FromSql($"select e.*, e.xmin from workflows.workflow_executions as e where e.id = {id} for update")
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("execution_not_found", "There is no such execution.");
}
