using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Executions;

internal sealed class RetryFailedExecutionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/executions/retry", HandleAsync).WithName("RetryFailedExecutions")
            .WithSummary("Resume a workflow's failed executions where they failed, the newest first");

    private static async Task<Accepted<RetriedExecutions>> HandleAsync(
        Guid id, RetryFailedBody? body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Accepted(
            $"/api/v1/workflows/{id}/executions",
            await mediator.Send(new RetryFailedExecutionsCommand(id, body ?? new RetryFailedBody()), cancellationToken));
}

/// <summary>Which failed executions.</summary>
/// <param name="ErrorCode">Those that failed for this reason; any if left out.</param>
/// <param name="From">Those made at this time or later.</param>
/// <param name="To">Those made before this time.</param>
/// <param name="Limit">How many at most, up to 500; 100 if left out.</param>
internal sealed record RetryFailedBody(string? ErrorCode = null, DateTimeOffset? From = null, DateTimeOffset? To = null, int Limit = 100);

/// <param name="Ids">The executions that stand in line again.</param>
/// <param name="HasMore">Whether others fit the filter that were left for another call.</param>
internal sealed record RetriedExecutions(IReadOnlyList<Guid> Ids, bool HasMore);

internal sealed record RetryFailedExecutionsCommand(Guid WorkflowId, RetryFailedBody Filter) : ICommand<RetriedExecutions>;

internal sealed class RetryFailedExecutionsValidator : AbstractValidator<RetryFailedExecutionsCommand>
{
    public RetryFailedExecutionsValidator()
    {
        RuleFor(command => command.Filter.Limit).InclusiveBetween(1, 500);
        RuleFor(command => command.Filter.ErrorCode).MaximumLength(80);
    }
}

internal sealed class RetryFailedExecutionsHandler(WorkflowsDbContext db) : IRequestHandler<RetryFailedExecutionsCommand, RetriedExecutions>
{
    public async Task<RetriedExecutions> Handle(RetryFailedExecutionsCommand request, CancellationToken cancellationToken)
    {
        var status = await db.Workflows.AsNoTracking().Where(workflow => workflow.Id == request.WorkflowId)
            .Select(workflow => workflow.Status).SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        ConflictException.ThrowIf(status == WorkflowStatus.Paused, "workflow_paused", "The workflow is paused.");

        var (filter, retried, found) = (request.Filter, new List<Guid>(), await FindAsync(request, cancellationToken));
        foreach (var id in found.Take(filter.Limit))
        {
            var done = await db.Database.SqlQuery<string?>($"select workflows.resume_execution({id}) as \"Value\"").ToListAsync(cancellationToken);
            if (done[0] == ExecutionStatus.Queued)
            {
                retried.Add(id);
            }
        }

        return new RetriedExecutions(retried, found.Count > filter.Limit);
    }

    private Task<List<Guid>> FindAsync(RetryFailedExecutionsCommand request, CancellationToken cancellationToken)
    {
        var (filter, failed) = (request.Filter, db.Executions.AsNoTracking()
            .Where(execution => execution.WorkflowId == request.WorkflowId && execution.Status == ExecutionStatus.Failed));
        return failed
            .Where(execution => filter.ErrorCode == null || execution.ErrorCode == filter.ErrorCode)
            .Where(execution => filter.From == null || execution.CreatedAt >= filter.From)
            .Where(execution => filter.To == null || execution.CreatedAt < filter.To)
            .OrderByDescending(execution => execution.Id)
            .Select(execution => execution.Id)
            .Take(filter.Limit + 1)
            .ToListAsync(cancellationToken);
    }
}
