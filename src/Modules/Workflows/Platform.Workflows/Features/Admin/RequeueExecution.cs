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

namespace Platform.Workflows.Features.Admin;

internal sealed class RequeueExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/retry", HandleAsync).WithName("RequeueExecution")
            .WithSummary("Queue a failed execution again; steps that have succeeded stand, and it is in its owner's log");

    private static async Task<Accepted<RequeuedExecution>> HandleAsync(
        Guid id, RequeueExecutionBody? body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Accepted((string?)null, await mediator.Send(new RequeueExecutionCommand(id, body?.Reason), cancellationToken));
}

/// <summary>Why: the execution's owner reads it in their log.</summary>
internal sealed record RequeueExecutionBody(string? Reason = null);

internal sealed record RequeueExecutionCommand(Guid Id, string? Reason) : ICommand<RequeuedExecution>;

internal sealed record RequeuedExecution(Guid Id, string Status);

internal sealed class RequeueExecutionValidator : AbstractValidator<RequeueExecutionCommand>
{
    public const int MaxReasonLength = 1000;

    public RequeueExecutionValidator() => RuleFor(command => command.Reason).MaximumLength(MaxReasonLength);
}

internal sealed class RequeueExecutionHandler(WorkflowsDbContext db) : IRequestHandler<RequeueExecutionCommand, RequeuedExecution>
{
    public async Task<RequeuedExecution> Handle(RequeueExecutionCommand request, CancellationToken cancellationToken)
    {
        var done = await db.Database
            .SqlQuery<string?>($"select workflows.staff_retry_execution({request.Id}, {request.Reason}) as \"Value\"")
            .ToListAsync(cancellationToken);
        return done[0] switch
        {
            ExecutionStatus.Queued => new RequeuedExecution(request.Id, ExecutionStatus.Queued),
            "paused" => throw new ConflictException("workflow_paused", "The workflow is paused."),
            "not_failed" => throw new ConflictException("execution_not_failed", "Only an execution that has failed can be queued again."),
            _ => throw new NotFoundException("execution_not_found", "There is no such execution."),
        };
    }
}
