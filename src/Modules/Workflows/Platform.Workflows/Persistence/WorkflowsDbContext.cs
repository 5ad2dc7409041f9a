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
}
