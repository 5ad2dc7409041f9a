using System.Text.Json;
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
using Platform.Workflows.Contracts.Events;
using Platform.Workflows.Domain;
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

internal sealed class CancelExecutionHandler(WorkflowsDbContext db) : IRequestHandler<CancelExecutionCommand, StartedExecution>
{
    public async Task<StartedExecution> Handle(CancelExecutionCommand request, CancellationToken cancellationToken)
    {
        // It ends here and now, whoever works it: the worker can commit nothing from here on, and finds that out.
        var json = await db.JsonAsync(
            $"select coalesce(to_json(workflows.cancel_execution({request.Id})), 'null')::text as \"Value\"", cancellationToken);
        var stopped = JsonSerializer.Deserialize<List<Guid>>(json)
            ?? throw new NotFoundException("execution_not_found", "There is no such execution.");
        if (!stopped.Contains(request.Id))
        {
            throw new ConflictException("execution_has_ended", "The execution has ended already.");
        }

        var executions = await db.Executions.AsNoTracking()
            .Where(execution => stopped.Contains(execution.Id))
            .Select(execution => new { execution.Id, execution.WorkflowId, execution.UserId })
            .ToListAsync(cancellationToken);
        foreach (var execution in executions)
        {
            db.Publish(new ExecutionFinishedIntegrationEvent(execution.Id, execution.WorkflowId, execution.UserId, ExecutionStatus.Cancelled));
        }

        return new StartedExecution(request.Id, executions.Single(execution => execution.Id == request.Id).WorkflowId, ExecutionStatus.Cancelled);
    }
}
