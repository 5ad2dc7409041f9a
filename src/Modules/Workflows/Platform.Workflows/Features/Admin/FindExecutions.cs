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

namespace Platform.Workflows.Features.Admin;

internal sealed class FindExecutionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("FindExecutions").WithSummary("List everybody's executions, newest first, without their data");

    private static async Task<Ok<Page<StaffExecutionResponse>>> HandleAsync(
        string? status, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new FindExecutionsQuery(status, limit, cursor), cancellationToken));
}

internal sealed record FindExecutionsQuery(string? Status, int? Limit, string? Cursor) : IQuery<Page<StaffExecutionResponse>>;

/// <summary>An execution as staff see it: how it went, nothing of what it worked on. An error's text may quote that, so it is left out.</summary>
internal sealed record StaffExecutionResponse(
    Guid Id, Guid UserId, Guid WorkflowId, int WorkflowVersion, string Trigger, string Status, string? ErrorCode, int Attempts,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, DateTimeOffset? DeadLetteredAt);

internal sealed class FindExecutionsValidator : AbstractValidator<FindExecutionsQuery>
{
    private static readonly HashSet<string> Statuses = ["queued", "running", "waiting", "succeeded", "failed", "cancelled"];

    public FindExecutionsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Status).Must(status => status is null || Statuses.Contains(status))
            .WithMessage($"Must be one of {string.Join(", ", Statuses)}.");
    }
}

internal sealed class FindExecutionsHandler(WorkflowsDbContext db, Cursors cursors)
    : IRequestHandler<FindExecutionsQuery, Page<StaffExecutionResponse>>
{
    private const string List = "staff_executions";

    public async Task<Page<StaffExecutionResponse>> Handle(FindExecutionsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor);
        var executions = await db.Database
            .SqlQuery<StaffExecutionResponse>($"select * from workflows.staff_list_executions({request.Status}, {before}, {page.Take + 1})")
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, executions, page, execution => execution.Id);
    }
}
