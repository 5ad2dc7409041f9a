using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Expressions;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Engine;

/// <summary>Adds executions of published workflows to the line. The caller's command commits them.</summary>
internal sealed class ExecutionStarts(WorkflowsDbContext db, VersionCache versions, TimeProvider clock)
{
    /// <summary>Starts a workflow of the caller; the execution that is there already if the same cause has started one.</summary>
    public async Task<StartedExecution> StartAsync(Guid workflowId, ExecutionCause cause, CancellationToken cancellationToken)
    {
        var workflow = await db.Workflows.AsNoTracking().SingleOrDefaultAsync(workflow => workflow.Id == workflowId, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        if (cause.DedupeKey is { } key && await FindStartedAsync(workflow.Id, key, cancellationToken) is { } started)
        {
            return started;
        }

        switch (workflow.Status)
        {
            case WorkflowStatus.Draft:
                throw new ConflictException("workflow_not_published", "Publish the workflow first.");
            case WorkflowStatus.Paused:
                throw new ConflictException("workflow_paused", "The workflow is paused.");
        }

        var version = await versions.FindAsync(workflow.UserId, workflow.Id, workflow.PublishedVersion!.Value, cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var slot = SlotOf(workflow.Id, version, cause.Input);
        var execution = Execution.Create(workflow, cause, slot, clock.GetUtcNow());
        db.Executions.Add(execution);
        return new StartedExecution(execution.Id, workflow.Id, execution.Status);
    }

    /// <summary>Starts a workflow because of a trigger. One that is paused, or was never published, is left alone.</summary>
    /// <returns>Whether an execution was started by this very cause.</returns>
    public async Task<bool> StartByTriggerAsync(Guid workflowId, ExecutionCause cause, CancellationToken cancellationToken)
    {
        if (!await db.Workflows.AnyAsync(workflow => workflow.Id == workflowId && workflow.Status == WorkflowStatus.Active, cancellationToken)
            || await FindStartedAsync(workflowId, cause.DedupeKey!, cancellationToken) is not null)
        {
            return false;
        }

        await StartAsync(workflowId, cause, cancellationToken);
        return true;
    }

    /// <summary>What an execution of a version counts against; null where the version sets no limit.</summary>
    public static ConcurrencySlot? SlotOf(Guid workflowId, CompiledVersion version, JsonElement input)
    {
        if (version.Settings.Concurrency is not { } concurrency)
        {
            return null;
        }

        if (concurrency.Key is not { } key)
        {
            return new ConcurrencySlot(workflowId.ToString(), concurrency.Limit);
        }

        using var engine = new ExpressionEngine(ExpressionScope.OfInput(input.GetRawText(), version.Vars));
        try
        {
            var value = engine.Evaluate(Template.Unwrap(key))?.ToJsonString() ?? "null";
            return new ConcurrencySlot($"{workflowId}:{(value.Length <= 200 ? value : value[..200])}", concurrency.Limit);
        }
        catch (ExpressionException exception)
        {
            throw new RuleViolationException("concurrency_key_failed", $"The workflow's concurrency key cannot be evaluated: {exception.Message}");
        }
    }

    private Task<StartedExecution?> FindStartedAsync(Guid workflowId, string key, CancellationToken cancellationToken) =>
        db.Executions.AsNoTracking()
            .Where(execution => execution.WorkflowId == workflowId && execution.DedupeKey == key)
            .Select(execution => new StartedExecution(execution.Id, execution.WorkflowId, execution.Status))
            .SingleOrDefaultAsync(cancellationToken);
}
