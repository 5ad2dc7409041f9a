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

namespace Platform.Workflows.Features.Executions;

internal sealed class ListExecutionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/executions", HandleAsync).WithName("ListExecutions").WithSummary("List a workflow's executions, newest first");

    private static async Task<Ok<Page<ExecutionListItem>>> HandleAsync(
        Guid id, int? limit, string? cursor, string? status, string? trigger, DateTimeOffset? from, DateTimeOffset? to, IMediator mediator,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListExecutionsQuery(id, limit, cursor, status, trigger, from, to), cancellationToken));
}

internal sealed record ExecutionListItem(
    Guid Id, int WorkflowVersion, string Trigger, string Status, string? ErrorCode, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt);

/// <summary>Executions of a workflow in a state, by what started them, made from one time on and before another.</summary>
internal sealed record ListExecutionsQuery(
    Guid WorkflowId, int? Limit, string? Cursor, string? Status, string? Trigger, DateTimeOffset? From, DateTimeOffset? To)
    : IQuery<Page<ExecutionListItem>>;

internal sealed class ListExecutionsValidator : AbstractValidator<ListExecutionsQuery>
{
    private static readonly HashSet<string> Statuses = ["queued", "running", "waiting", "succeeded", "failed", "cancelled"];

    private static readonly HashSet<string> Triggers = ["manual", "cron", "webhook", "event", "sub_workflow", "retry"];

    public ListExecutionsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Status).Must(status => status is null || Statuses.Contains(status))
            .WithMessage($"Must be one of {string.Join(", ", Statuses)}.");
        RuleFor(query => query.Trigger).Must(trigger => trigger is null || Triggers.Contains(trigger))
            .WithMessage($"Must be one of {string.Join(", ", Triggers)}.");
    }
}

internal sealed class ListExecutionsHandler(WorkflowsDbContext db, Cursors cursors) : IRequestHandler<ListExecutionsQuery, Page<ExecutionListItem>>
{
    public async Task<Page<ExecutionListItem>> Handle(ListExecutionsQuery request, CancellationToken cancellationToken)
    {
        var list = $"executions:{request.WorkflowId}";
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(list, page.Cursor) ?? Guid.AllBitsSet;
        var found = await db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Id == request.WorkflowId)
            .Select(workflow => new
            {
                Executions = db.Executions
                    .Where(execution => execution.WorkflowId == workflow.Id && execution.Id < before)
                    .Where(execution => request.Status == null || execution.Status == request.Status)
                    .Where(execution => request.Trigger == null || execution.Trigger == request.Trigger)
                    .Where(execution => request.From == null || execution.CreatedAt >= request.From)
                    .Where(execution => request.To == null || execution.CreatedAt < request.To)
                    .OrderByDescending(execution => execution.Id)
                    .Take(page.Take + 1)
                    .Select(execution => new ExecutionListItem(
                        execution.Id, execution.Version, execution.Trigger, execution.Status, execution.ErrorCode, execution.CreatedAt,
                        execution.StartedAt, execution.CompletedAt))
                    .ToList(),
            })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        return cursors.ToPage(list, found.Executions, page, execution => execution.Id);
    }
}
