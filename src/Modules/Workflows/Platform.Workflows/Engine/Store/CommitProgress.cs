using System.Text.Json;
using MediatR;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Contracts.Events;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Engine.Store;

/// <summary>What a worker has come to with one execution.</summary>
/// <param name="Execution">Its state from now on.</param>
/// <param name="Steps">The steps that changed.</param>
/// <param name="Events">What watchers are told.</param>
/// <param name="Consumed">The signals that a step took.</param>
internal sealed record Progress(
    ExecutionState Execution, IReadOnlyList<StepState> Steps, IReadOnlyList<ExecutionEvent> Events, IReadOnlyList<Guid> Consumed);

/// <summary>The state of an execution; a status of <c>queued</c> hands it back.</summary>
internal sealed record ExecutionState(
    Guid Id, Guid UserId, Guid WorkflowId, long Fence, string Status, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt = null,
    RawJson? Results = null, string? ErrorCode = null, string? Error = null, DateTimeOffset? DeadLetteredAt = null,
    DateTimeOffset? AvailableAt = null);

/// <summary>The state of a step or of one of its items.</summary>
internal sealed record StepState(
    Guid Id, Guid ExecutionId, Guid UserId, string Key, int? ItemIndex, string Type, string Status, int Attempts, RawJson? Input,
    RawJson? Output, StepError? Error, IReadOnlyList<StepLogLine> Log, DateTimeOffset? AvailableAt, string? WaitsFor,
    DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt);

/// <summary>An event of an execution's topic.</summary>
internal sealed record ExecutionEvent(Guid ExecutionId, Guid UserId, string Type, RawJson Payload, bool Final = false);

/// <summary>Commits the progress of many executions. Answers for which ones: the others were lost to another worker, or were stopped.</summary>
internal sealed record CommitProgressCommand(IReadOnlyList<Progress> Items) : ICommand<IReadOnlySet<Guid>>;

internal sealed class CommitProgressHandler(WorkflowsDbContext db) : IRequestHandler<CommitProgressCommand, IReadOnlySet<Guid>>
{
    public async Task<IReadOnlySet<Guid>> Handle(CommitProgressCommand request, CancellationToken cancellationToken)
    {
        var executions = Write(request.Items.Select(item => item.Execution));
        var steps = Write(request.Items.SelectMany(item => item.Steps));
        var events = Write(request.Items.SelectMany(item => item.Events));
        Guid[] consumed = [.. request.Items.SelectMany(item => item.Consumed)];
        var publishes = db.IsAwaited<ExecutionFinishedIntegrationEvent>() && request.Items.Any(item => ExecutionStatus.IsFinal(item.Execution.Status));
        if (!publishes)
        {
            db.NextStatementStandsAlone();
        }

        var json = await db.JsonAsync(
            $"select to_json(workflows.commit_progress({executions}::jsonb, {steps}::jsonb, {events}::jsonb, {consumed}))::text as \"Value\"",
            cancellationToken);
        var held = JsonSerializer.Deserialize<HashSet<Guid>>(json, PlatformJson.Options)!;
        if (publishes)
        {
            Publish(request.Items.Select(item => item.Execution), held);
        }

        return held;
    }

    private void Publish(IEnumerable<ExecutionState> executions, HashSet<Guid> held)
    {
        foreach (var ended in executions.Where(execution => ExecutionStatus.IsFinal(execution.Status) && held.Contains(execution.Id)))
        {
            db.Publish(new ExecutionFinishedIntegrationEvent(ended.Id, ended.WorkflowId, ended.UserId, ended.Status));
        }
    }

    private static string Write<T>(IEnumerable<T> items) => JsonSerializer.Serialize(items, PlatformJson.Options);
}
