using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class GetWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetWorkflow").WithSummary("Read a workflow with its draft");

    private static async Task<Ok<WorkflowResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetWorkflowQuery(id), cancellationToken));
}

internal sealed record GetWorkflowQuery(Guid Id) : IQuery<WorkflowResponse>;

internal sealed class GetWorkflowHandler(WorkflowsDbContext db) : IRequestHandler<GetWorkflowQuery, WorkflowResponse>
{
    public async Task<WorkflowResponse> Handle(GetWorkflowQuery request, CancellationToken cancellationToken) =>
        await db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Id == request.Id)
            .Select(workflow => WorkflowResponse.From(workflow, new RowVersion(EF.Property<uint>(workflow, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
}
