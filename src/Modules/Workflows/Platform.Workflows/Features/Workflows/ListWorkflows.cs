using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class ListWorkflowsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListWorkflows").WithSummary("List your workflows without their steps, newest first");

    private static async Task<Ok<Page<WorkflowListItem>>> HandleAsync(
        int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListWorkflowsQuery(limit, cursor), cancellationToken));
}

internal sealed record WorkflowListItem(
    Guid Id, string Name, string? Description, string Status, int? PublishedVersion, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record ListWorkflowsQuery(int? Limit, string? Cursor) : IQuery<Page<WorkflowListItem>>;

internal sealed class ListWorkflowsValidator : AbstractValidator<ListWorkflowsQuery>
{
    public ListWorkflowsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListWorkflowsHandler(WorkflowsDbContext db, Cursors cursors) : IRequestHandler<ListWorkflowsQuery, Page<WorkflowListItem>>
{
    private const string List = "workflows";

    public async Task<Page<WorkflowListItem>> Handle(ListWorkflowsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Id < before)
            .OrderByDescending(workflow => workflow.Id)
            .Take(page.Take + 1)
            .Select(workflow => new WorkflowListItem(
                workflow.Id, workflow.Name, workflow.Description, workflow.Status, workflow.PublishedVersion, workflow.CreatedAt, workflow.UpdatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, workflow => workflow.Id);
    }
}
