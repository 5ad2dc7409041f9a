using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class ListWorkflowVersionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/versions", HandleAsync).WithName("ListWorkflowVersions").WithSummary("List what was published, newest first");

    private static async Task<Ok<Page<WorkflowVersionResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListWorkflowVersionsQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListWorkflowVersionsQuery(Guid WorkflowId, int? Limit, string? Cursor) : IQuery<Page<WorkflowVersionResponse>>;

internal sealed class ListWorkflowVersionsValidator : AbstractValidator<ListWorkflowVersionsQuery>
{
    public ListWorkflowVersionsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListWorkflowVersionsHandler(WorkflowsDbContext db, Cursors cursors)
    : IRequestHandler<ListWorkflowVersionsQuery, Page<WorkflowVersionResponse>>
{
    public async Task<Page<WorkflowVersionResponse>> Handle(ListWorkflowVersionsQuery request, CancellationToken cancellationToken)
    {
        var list = $"workflow-versions:{request.WorkflowId}";
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(list, page.Cursor) ?? Guid.AllBitsSet;
        var found = await db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Id == request.WorkflowId)
            .Select(workflow => new
            {
                Versions = workflow.Versions.Where(version => version.Id < before)
                    .OrderByDescending(version => version.Id)
                    .Take(page.Take + 1)
                    .Select(version => new WorkflowVersionResponse(
                        version.Id, version.WorkflowId, version.Version, version.Steps, version.Config, version.CreatedAt))
                    .ToList(),
            })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        return cursors.ToPage(list, found.Versions, page, version => version.Id);
    }
}
