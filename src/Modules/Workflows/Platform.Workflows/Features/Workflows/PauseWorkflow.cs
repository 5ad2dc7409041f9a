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

internal sealed class PauseWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/pause", HandleAsync).WithName("PauseWorkflow").WithSummary("Let nothing new start; what runs goes on");

    private static async Task<Ok<WorkflowResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new PauseWorkflowCommand(id), cancellationToken));
}

internal sealed record PauseWorkflowCommand(Guid Id) : ICommand<WorkflowResponse>;

internal sealed class PauseWorkflowHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<PauseWorkflowCommand, WorkflowResponse>
{
    public async Task<WorkflowResponse> Handle(PauseWorkflowCommand request, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.SingleOrDefaultAsync(workflow => workflow.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        ConflictException.ThrowIf(!workflow.TryPause(clock.GetUtcNow()), "workflow_not_published", "Publish the workflow first.");
        return WorkflowResponse.From(workflow, db.VersionOf(workflow));
    }
}
