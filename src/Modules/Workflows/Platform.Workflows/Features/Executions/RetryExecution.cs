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
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Executions;

internal sealed class RetryExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/retry", HandleAsync).WithName("RetryExecution")
            .WithSummary("Resume a failed execution where it failed, or run it again from a step or from the start");

    private static async Task<Accepted<StartedExecution>> HandleAsync(
        Guid id, RetryExecutionBody? body, IMediator mediator, CancellationToken cancellationToken)
    {
        var started = await mediator.Send(new RetryExecutionCommand(id, body?.FromStep, body?.Whole ?? false), cancellationToken);
        return TypedResults.Accepted($"/api/v1/executions/{started.Id}", started);
    }
}

/// <summary>
/// Neither: the execution itself goes on where it failed, and steps that are done again carry their old keys. A step, or the whole: a new
/// execution of the same version with the same input, which keeps what does not come after the step, and has keys of its own.
/// </summary>
internal sealed record RetryExecutionBody(string? FromStep = null, bool Whole = false);

internal sealed record RetryExecutionCommand(Guid Id, string? FromStep, bool Whole) : ICommand<StartedExecution>;

internal sealed class RetryExecutionValidator : AbstractValidator<RetryExecutionCommand>
{
    public RetryExecutionValidator()
    {
        RuleFor(command => command.FromStep).MaximumLength(120);
        RuleFor(command => command.Whole).Must((command, whole) => !whole || command.FromStep is null)
            .WithMessage("Give either 'from_step' or 'whole'.");
    }
}

internal sealed class RetryExecutionHandler(WorkflowsDbContext db, VersionCache versions, TimeProvider clock)
    : IRequestHandler<RetryExecutionCommand, StartedExecution>
{
    public async Task<StartedExecution> Handle(RetryExecutionCommand request, CancellationToken cancellationToken)
    {
        var execution = await db.LockExecutionAsync(request.Id, cancellationToken);
        return request.Whole || request.FromStep is not null
            ? await RunAgainAsync(execution, request.FromStep, cancellationToken)
            : await ResumeAsync(execution, cancellationToken);
    }

    private async Task<StartedExecution> ResumeAsync(Execution execution, CancellationToken cancellationToken)
    {
        var done = await db.Database
            .SqlQuery<string?>($"select workflows.resume_execution({execution.Id}) as \"Value\"").ToListAsync(cancellationToken);
        return done[0] switch
        {
            ExecutionStatus.Queued => new StartedExecution(execution.Id, execution.WorkflowId, ExecutionStatus.Queued),
            "paused" => throw new ConflictException("workflow_paused", "The workflow is paused."),
            _ => throw new ConflictException("execution_not_failed", "Only an execution that has failed can be queued again."),
        };
    }

    private async Task<StartedExecution> RunAgainAsync(Execution execution, string? fromStep, CancellationToken cancellationToken)
    {
        ConflictException.ThrowIf(!execution.IsFinal, "execution_not_failed", "The execution has not ended yet.");
        var workflow = await db.Workflows.AsNoTracking().SingleAsync(workflow => workflow.Id == execution.WorkflowId, cancellationToken);
        ConflictException.ThrowIf(workflow.Status == WorkflowStatus.Paused, "workflow_paused", "The workflow is paused.");
        var version = await versions.FindAsync(execution.UserId, execution.WorkflowId, execution.Version, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var kept = fromStep is null ? [] : KeptBefore(version.Graph, fromStep);
        var slot = ExecutionStarts.SlotOf(workflow.Id, version, execution.ExecutionData);
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"select workflows.run_again({execution.Id}, {id}, {kept}, {slot?.Key}, {slot?.Limit})", cancellationToken);
        return new StartedExecution(id, workflow.Id, ExecutionStatus.Queued);
    }

    private static string[] KeptBefore(WorkflowGraph graph, string fromStep)
    {
        if (!graph.Contains(fromStep))
        {
            throw new RuleViolationException(
                "step_unknown", "The version has no such step.", new Dictionary<string, string[]> { ["$.from_step"] = ["There is no such step."] });
        }

        var again = graph.Downstream(fromStep);
        return [.. graph.Steps.Select(step => step.Key).Where(key => !again.Contains(key))];
    }
}
