using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Events;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Engine;

/// <summary>An execution that this worker holds.</summary>
internal sealed record ExecutionRun(
    Guid ExecutionId, Guid WorkflowId, Guid UserId, long Fence, JsonNode? Input, JsonNode? Variables, WorkflowGraph Graph,
    Dictionary<string, StepProgress> Steps);

/// <summary>The topic of an execution's events.</summary>
internal static class ExecutionTopic
{
    public static string Of(Guid executionId) => $"execution:{executionId}";
}

/// <summary>Takes the execution up, for the first time or again. Null: it has ended, or its cancel was asked for and is done now.</summary>
internal sealed record BeginExecutionCommand(Guid ExecutionId, long Fence) : ICommand<ExecutionRun?>;

internal sealed class BeginExecutionHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<BeginExecutionCommand, ExecutionRun?>
{
    public async Task<ExecutionRun?> Handle(BeginExecutionCommand request, CancellationToken cancellationToken)
    {
        var execution = await db.LockAsync(request.ExecutionId, request.Fence, cancellationToken);
        if (execution.IsFinal)
        {
            return null;
        }

        var version = await db.WorkflowVersions.AsNoTracking().SingleAsync(
            version => version.WorkflowId == execution.WorkflowId && version.Version == execution.Version, cancellationToken);
        var steps = await db.ExecutionSteps.AsNoTracking()
            .Where(step => step.ExecutionId == execution.Id)
            .ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (execution.StartedAt is null)
        {
            db.Append(ExecutionTopic.Of(execution.Id), execution.UserId, "execution.started", new { execution_id = execution.Id });
        }

        execution.Begin(now);
        return new ExecutionRun(
            execution.Id,
            execution.WorkflowId,
            execution.UserId,
            request.Fence,
            JsonNode.Parse(execution.ExecutionData.GetRawText()),
            version.Config.TryGetProperty("vars", out var variables) ? JsonNode.Parse(variables.GetRawText()) : new JsonObject(),
            WorkflowGraph.Read(version.Steps),
            steps.ToDictionary(step => step.Key, Read));
    }

    private static StepProgress Read(ExecutionStep step) => new(
        step.Status == StepStatus.Running ? StepStatus.Pending : step.Status,
        step.Attempts,
        ToNode(step.Output),
        ToNode(step.Error),
        step.AvailableAt);

    private static JsonNode? ToNode(JsonElement? element) => element is { } value ? JsonNode.Parse(value.GetRawText()) : null;
}

/// <summary>Records that a step with an effect outside is about to run.</summary>
internal sealed record StartStepCommand(Guid ExecutionId, long Fence, StepDefinition Step) : ICommand;

internal sealed class StartStepHandler(WorkflowsDbContext db, TimeProvider clock) : AsyncRequestHandler<StartStepCommand>
{
    protected override async Task Handle(StartStepCommand request, CancellationToken cancellationToken)
    {
        var execution = await db.LockAsync(request.ExecutionId, request.Fence, cancellationToken);
        var step = await StepRows.FindOrAddAsync(db, execution, request.Step, clock.GetUtcNow(), cancellationToken);
        step.Start(clock.GetUtcNow());
        db.Append(
            ExecutionTopic.Of(execution.Id), execution.UserId, "step.started", new { key = step.Key, type = step.Type, attempt = step.Attempts });
    }
}

/// <summary>Commits how a step ended: from here on it never runs again.</summary>
internal sealed record EndStepCommand(Guid ExecutionId, long Fence, StepDefinition Step, string Status, JsonElement? Input, JsonElement? Output, JsonElement? Error, DateTimeOffset? RetryAt)
    : ICommand<int>;

internal sealed class EndStepHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<EndStepCommand, int>
{
    public async Task<int> Handle(EndStepCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var execution = await db.LockAsync(request.ExecutionId, request.Fence, cancellationToken);
        var step = await StepRows.FindOrAddAsync(db, execution, request.Step, now, cancellationToken);
        if (step.IsFinal)
        {
            return step.Attempts;
        }

        if (step.Status != StepStatus.Running && request.Status != StepStatus.Skipped)
        {
            // A pure step records no start of its own.
            step.Start(now);
        }

        switch (request.Status)
        {
            case StepStatus.Succeeded:
                step.Succeed(request.Input, request.Output ?? JsonSerializer.SerializeToElement<object?>(null), now);
                break;
            case StepStatus.Skipped:
                step.Skip(now);
                break;
            case StepStatus.Failed:
                step.Fail(request.Input, request.Error!.Value, now);
                break;
            default:
                step.RetryAt(request.Input, request.Error!.Value, request.RetryAt!.Value, now);
                break;
        }

        db.Append(
            ExecutionTopic.Of(execution.Id),
            execution.UserId,
            request.Status == StepStatus.Pending ? "step.retrying" : "step.finished",
            new
            {
                key = step.Key,
                type = step.Type,
                status = step.Status,
                attempt = step.Attempts,
                error = request.Error,
                retry_at = request.RetryAt,
                duration_ms = step.StartedAt is { } started ? (long)(now - started).TotalMilliseconds : 0,
            });
        return step.Attempts;
    }
}

/// <summary>Puts the execution down until a time.</summary>
internal sealed record WaitExecutionCommand(Guid ExecutionId, long Fence, DateTimeOffset Until) : ICommand;

internal sealed class WaitExecutionHandler(WorkflowsDbContext db, TimeProvider clock) : AsyncRequestHandler<WaitExecutionCommand>
{
    protected override async Task Handle(WaitExecutionCommand request, CancellationToken cancellationToken)
    {
        var execution = await db.LockAsync(request.ExecutionId, request.Fence, cancellationToken);
        execution.WaitUntil(request.Until, clock.GetUtcNow());
        db.Append(ExecutionTopic.Of(execution.Id), execution.UserId, "execution.waiting", new { until = request.Until });
    }
}

/// <summary>Ends the execution.</summary>
internal sealed record EndExecutionCommand(Guid ExecutionId, long Fence, string Status, JsonElement? Results = null, string? ErrorCode = null, string? Error = null, bool Bury = false)
    : ICommand;

internal sealed class EndExecutionValidator : AbstractValidator<EndExecutionCommand>
{
    public EndExecutionValidator() => RuleFor(command => command.Status).Must(ExecutionStatus.IsFinal);
}

internal sealed class EndExecutionHandler(WorkflowsDbContext db, TimeProvider clock) : AsyncRequestHandler<EndExecutionCommand>
{
    protected override async Task Handle(EndExecutionCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var execution = await db.LockAsync(request.ExecutionId, request.Fence, cancellationToken);
        if (execution.IsFinal)
        {
            return;
        }

        switch (request.Status)
        {
            case ExecutionStatus.Succeeded:
                execution.Succeed(request.Results!.Value, now);
                break;
            case ExecutionStatus.Cancelled:
                execution.Cancel(now);
                break;
            case ExecutionStatus.Failed when request.Bury:
                execution.Bury(request.ErrorCode!, request.Error!, now);
                break;
            default:
                execution.Fail(request.ErrorCode!, request.Error!, now);
                break;
        }

        var open = await db.ExecutionSteps
            .Where(step => step.ExecutionId == execution.Id && (step.Status == StepStatus.Running || step.Status == StepStatus.Pending))
            .ToListAsync(cancellationToken);
        open.ForEach(step => step.Cancel(now));
        ExecutionEnd.Announce(db, execution);
    }
}

/// <summary>Tells watchers and other modules that an execution has ended.</summary>
internal static class ExecutionEnd
{
    public static void Announce(WorkflowsDbContext db, Execution execution)
    {
        db.Append(
            ExecutionTopic.Of(execution.Id),
            execution.UserId,
            "execution.finished",
            new { status = execution.Status, error_code = execution.ErrorCode, error = execution.Error },
            final: true);
        db.Publish(new ExecutionFinishedIntegrationEvent(execution.Id, execution.WorkflowId, execution.UserId, execution.Status));
    }
}

internal static class StepRows
{
    public static async Task<ExecutionStep> FindOrAddAsync(
        WorkflowsDbContext db, Execution execution, StepDefinition definition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var step = await db.ExecutionSteps.SingleOrDefaultAsync(
            step => step.ExecutionId == execution.Id && step.Key == definition.Key, cancellationToken);
        if (step is null)
        {
            step = ExecutionStep.Create(execution, definition.Key, definition.Type, now);
            db.ExecutionSteps.Add(step);
        }

        return step;
    }
}
