using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Engine;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Executions;

internal sealed class CancelExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/cancel", HandleAsync).WithName("CancelExecution").WithSummary("Stop an execution, whatever it does");

    private static async Task<Accepted<StartedExecution>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Accepted($"/api/v1/executions/{id}", await mediator.Send(new CancelExecutionCommand(id), cancellationToken));
}

internal sealed record CancelExecutionCommand(Guid Id) : ICommand<StartedExecution>;

internal sealed class CancelExecutionHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<CancelExecutionCommand, StartedExecution>
{
    public async Task<StartedExecution> Handle(CancelExecutionCommand request, CancellationToken cancellationToken)
    {
        // Locked: a worker that takes the execution up at this very moment either sees the request or is seen here.
        var execution = await db.Executions
            .FromSql($"select e.*, e.xmin from workflows.workflow_executions as e where e.id = {request.Id} for update")
            .AsTracking()
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("execution_not_found", "There is no such execution.");
        if (execution.IsFinal)
        {
            throw new ConflictException("execution_has_ended", "The execution has ended already.");
        }

        var now = clock.GetUtcNow();
        execution.RequestCancel(now);
        if (execution.LeaseUntil is null || execution.LeaseUntil < now)
        {
            // Nobody works it: it ends here.
            execution.Cancel(now);
            ExecutionEnd.Announce(db, execution);
        }

        return new StartedExecution(execution.Id, execution.WorkflowId, execution.Status);
    }
}

internal sealed record IsCancelRequestedQuery(Guid ExecutionId) : IQuery<bool>;

internal sealed class IsCancelRequestedHandler(WorkflowsDbContext db) : IRequestHandler<IsCancelRequestedQuery, bool>
{
    public Task<bool> Handle(IsCancelRequestedQuery request, CancellationToken cancellationToken) =>
        db.Executions.AnyAsync(
            execution => execution.Id == request.ExecutionId && execution.CancelRequestedAt != null, cancellationToken);
}
