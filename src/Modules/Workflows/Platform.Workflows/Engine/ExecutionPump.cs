using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Features.Executions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>
/// Works executions. Ready steps run at the same time; each result is committed before anything that depends on it starts. Nothing of an
/// execution lives in the process: after a crash another node goes on from the committed steps.
/// </summary>
internal sealed class ExecutionPump(StepRunner runner, StepTypes types, IServiceScopeFactory scopes, TimeProvider clock) : IPump
{
    private static readonly TimeSpan CancelInterval = TimeSpan.FromMilliseconds(500);

    public string Queue => "workflows";

    public string Table => "workflows.workflow_executions";

    public string Claimable => "t.status in ('queued', 'running', 'waiting')";

    public async Task RunAsync(IServiceProvider services, PumpLease lease, CancellationToken cancellationToken)
    {
        var run = await SendAsync(lease.UserId!.Value, new BeginExecutionCommand(lease.Id, lease.Fence), cancellationToken);
        if (run is null)
        {
            return;
        }

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchCancelAsync(run, cancel);
        try
        {
            await WorkAsync(run, cancel.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await SendAsync(run.UserId, new EndExecutionCommand(run.ExecutionId, run.Fence, ExecutionStatus.Cancelled), cancellationToken);
        }
        finally
        {
            await cancel.CancelAsync();
            await watch;
        }
    }

    public Task BuryAsync(IServiceProvider services, PumpLease lease, string reason, CancellationToken cancellationToken) =>
        SendAsync(
            lease.UserId!.Value,
            new EndExecutionCommand(
                lease.Id, lease.Fence, ExecutionStatus.Failed, ErrorCode: "execution_given_up", Error: "The execution failed too often on our side.", Bury: true),
            cancellationToken);

    private async Task WorkAsync(ExecutionRun run, CancellationToken cancellationToken)
    {
        var progress = new ExecutionProgress(run.Graph, run.Steps);
        var running = new Dictionary<string, Task<StepOutcome>>();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fatal = progress.FatalStep;
            var next = fatal is null ? progress.Next(clock.GetUtcNow(), running.Keys) : new NextSteps([], [], null);
            foreach (var step in next.Skippable)
            {
                await CommitAsync(run, progress, new StepOutcome(step, null, null), cancellationToken);
            }

            foreach (var step in next.Ready)
            {
                running[step.Key] = StartAsync(run, step, progress, cancellationToken);
            }

            if (running.Count > 0)
            {
                var ended = await Task.WhenAny(running.Values);
                var outcome = await ended;
                running.Remove(outcome.Step.Key);
                await CommitAsync(run, progress, outcome, cancellationToken);
            }
            else if (fatal is not null)
            {
                var error = progress.Of(fatal.Key).Error;
                await EndAsync(run, ExecutionStatus.Failed, null, "step_failed", $"The step '{fatal.Key}' failed: {error?["message"]}", cancellationToken);
                return;
            }
            else if (progress.IsDone)
            {
                await EndAsync(run, ExecutionStatus.Succeeded, progress.Results(), null, null, cancellationToken);
                return;
            }
            else if (next.Skippable.Count == 0 && next.WaitUntil is { } until)
            {
                await SendAsync(run.UserId, new WaitExecutionCommand(run.ExecutionId, run.Fence, until), cancellationToken);
                return;
            }
        }
    }

    private async Task<StepOutcome> StartAsync(
        ExecutionRun run, StepDefinition step, ExecutionProgress progress, CancellationToken cancellationToken)
    {
        var scope = new JsonObject
        {
            ["input"] = run.Input?.DeepClone(),
            ["vars"] = run.Variables?.DeepClone(),
            ["steps"] = progress.Scope(),
            ["execution"] = new JsonObject { ["id"] = run.ExecutionId.ToString(), ["workflow_id"] = run.WorkflowId.ToString() },
            ["item"] = null,
        };
        if (types.Find(step.Type) is { IsPure: false } && step.When is null)
        {
            await SendAsync(run.UserId, new StartStepCommand(run.ExecutionId, run.Fence, step), cancellationToken);
        }

        return await runner.RunAsync(run, step, scope, cancellationToken);
    }

    private async Task CommitAsync(ExecutionRun run, ExecutionProgress progress, StepOutcome outcome, CancellationToken cancellationToken)
    {
        var step = outcome.Step;
        var input = outcome.Input is null ? (JsonElement?)null : JsonSerializer.SerializeToElement(outcome.Input);
        var command = outcome.Result switch
        {
            null => new EndStepCommand(run.ExecutionId, run.Fence, step, StepStatus.Skipped, null, null, null, null),
            StepResult.Completed completed => new EndStepCommand(
                run.ExecutionId, run.Fence, step, StepStatus.Succeeded, input, JsonSerializer.SerializeToElement(completed.Output), null, null),
            StepResult.Failed failed => FailureOf(run, step, failed, input, progress.Of(step.Key).Attempts + 1),
            _ => throw new InvalidOperationException("Unknown step result."),
        };
        var attempts = await SendAsync(run.UserId, command, cancellationToken);
        progress.Set(step.Key, new StepProgress(
            command.Status,
            attempts,
            (outcome.Result as StepResult.Completed)?.Output,
            command.Error is { } error ? JsonNode.Parse(error.GetRawText()) : null,
            command.RetryAt));
    }

    private EndStepCommand FailureOf(ExecutionRun run, StepDefinition step, StepResult.Failed failed, JsonElement? input, int attempt)
    {
        var error = JsonSerializer.SerializeToElement(new { code = failed.Code, message = failed.Message });
        var retries = step.Retry is { } retry && failed.IsRetryable && attempt < retry.MaxAttempts;
        if (!retries)
        {
            return new EndStepCommand(run.ExecutionId, run.Fence, step, StepStatus.Failed, input, null, error, null);
        }

        var pause = failed.RetryAfter ?? step.Retry!.PauseAfter(attempt, Random.Shared.NextDouble());
        return new EndStepCommand(run.ExecutionId, run.Fence, step, StepStatus.Pending, input, null, error, clock.GetUtcNow() + pause);
    }

    private Task<Unit> EndAsync(
        ExecutionRun run, string status, JsonObject? results, string? code, string? error, CancellationToken cancellationToken) =>
        SendAsync(
            run.UserId,
            new EndExecutionCommand(
                run.ExecutionId, run.Fence, status, results is null ? null : JsonSerializer.SerializeToElement(results), code, error),
            cancellationToken);

    private async Task WatchCancelAsync(ExecutionRun run, CancellationTokenSource cancel)
    {
        try
        {
            while (!await SendAsync(run.UserId, new IsCancelRequestedQuery(run.ExecutionId), cancel.Token))
            {
                await Task.Delay(CancelInterval, clock, cancel.Token);
            }

            await cancel.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The execution has ended by itself.
        }
    }

    // Each message has a scope of its own: steps run at the same time, and a context serves one at a time.
    private async Task<T> SendAsync<T>(Guid userId, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(userId);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
