using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class DeleteWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteWorkflow").WithSummary("Delete a workflow with its versions and executions");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteWorkflowCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteWorkflowCommand(Guid Id) : ICommand;

internal sealed class DeleteWorkflowHandler(WorkflowsDbContext db) : AsyncRequestHandler<DeleteWorkflowCommand>
{
    protected override async Task Handle(DeleteWorkflowCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.SingleOrDefaultAsync(workflow => workflow.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        db.Workflows.Remove(workflow);
    }
}
