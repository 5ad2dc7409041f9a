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

namespace Platform.Workflows.Features.Triggers;

internal sealed class ListTriggersEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/triggers", HandleAsync).WithName("ListTriggers").WithSummary("List what starts a workflow, newest first");

    private static async Task<Ok<Page<TriggerResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListTriggersQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListTriggersQuery(Guid WorkflowId, int? Limit, string? Cursor) : IQuery<Page<TriggerResponse>>;

internal sealed class ListTriggersValidator : FluentValidation.AbstractValidator<ListTriggersQuery>
{
    public ListTriggersValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListTriggersHandler(WorkflowsDbContext db, Cursors cursors) : IRequestHandler<ListTriggersQuery, Page<TriggerResponse>>
{
    public async Task<Page<TriggerResponse>> Handle(ListTriggersQuery request, CancellationToken cancellationToken)
    {
        var list = $"triggers:{request.WorkflowId}";
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(list, page.Cursor) ?? Guid.AllBitsSet;
        var found = await db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Id == request.WorkflowId)
            .Select(workflow => new
            {
                Triggers = db.Triggers
                    .Where(trigger => trigger.WorkflowId == workflow.Id && trigger.Id < before)
                    .OrderByDescending(trigger => trigger.Id)
                    .Take(page.Take + 1)
                    .ToList(),
            })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        return cursors.ToPage(list, found.Triggers.ConvertAll(TriggerResponse.Of), page, trigger => trigger.Id);
    }
}
