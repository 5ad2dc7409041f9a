using System.Threading.Channels;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine.Store;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>
/// Works one execution to its end, or to where it waits. Ready steps run at the same time; what they come to is committed, together with
/// the start of what follows, before anything that follows has an effect outside.
/// </summary>
internal sealed class ExecutionWorker(ExecutionRun run, StepRunner runner, GroupCommit<Progress, bool> commits, CancellationToken draining)
{
    private readonly Channel<IReadOnlyList<Signal>> _signals = Channel.CreateUnbounded<IReadOnlyList<Signal>>();
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(250);
    private readonly Dictionary<StepUnit, Task<StepResult>> _atWork = [];

    /// <summary>Tells the execution what was signalled to it meanwhile.</summary>
    public void Deliver(IReadOnlyList<Signal> signals) => _signals.Writer.TryWrite(signals);

    /// <summary>Works it.</summary>
    /// <param name="cancellationToken">The execution was lost, or the node goes down: what runs is left as it is.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var span = EngineTelemetry.BeginExecution(run);
        using var effects = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var advance = Collect();
                var state = Judge(advance);
                if (run.HasChanges || state.Status != ExecutionStatus.Running)
                {
                    if (!await commits.WriteAsync(run.TakeProgress(state)) || state.Status != ExecutionStatus.Running)
                    {
                        return;
                    }
                }

                foreach (var unit in advance.Started)
                {
                    _atWork[unit] = DoAsync(unit, effects.Token);
                }

                if (!advance.HasMore)
                {
                    await WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            await effects.CancelAsync();
            await Task.WhenAll(_atWork.Values).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private ExecutionAdvance Collect()
    {
        while (_signals.Reader.TryRead(out var signals))
        {
            run.Receive(signals);
        }

        var advance = new ExecutionAdvance(run, runner, _atWork.Keys.ToHashSet());
        foreach (var (unit, task) in _atWork.Where(pair => pair.Value.IsCompleted).ToList())
        {
            _atWork.Remove(unit);
            advance.Apply(unit, task.GetAwaiter().GetResult());
        }

        if (!IsOver && !draining.IsCancellationRequested)
        {
            advance.Go(_atWork.Count);
        }

        return advance;
    }

    private bool IsOver => run.Deadline is { } deadline && deadline <= run.Now;

    private ExecutionState Judge(ExecutionAdvance advance)
    {
        if (run.Claim.StartedAt is null && run.Version.Settings.QueueTimeoutSeconds is { } wait && run.StartedAt > run.Claim.CreatedAt.AddSeconds(wait))
        {
            advance.Started.Clear();
            return End(ExecutionStatus.Failed, "queue_timeout", $"The execution waited longer than {wait} s for its first step.");
        }

        if (IsOver && !run.IsDone)
        {
            advance.Started.Clear();
            return End(ExecutionStatus.Failed, "execution_timeout", $"The execution took longer than {run.Version.Settings.TimeoutSeconds} s.");
        }

        if (_atWork.Count > 0 || advance.Started.Count > 0 || advance.HasMore)
        {
            return run.State(ExecutionStatus.Running);
        }

        if (run.FatalStep is { } fatal)
        {
            return End(ExecutionStatus.Failed, "step_failed", $"The step '{fatal.Key}' failed: {run.Find(fatal.Key)!.Error?.Message}");
        }

        if (run.IsDone)
        {
            return End(ExecutionStatus.Succeeded);
        }

        return draining.IsCancellationRequested ? run.State(ExecutionStatus.Queued) : Wait();
    }

    private ExecutionState Wait()
    {
        if (!run.Units.Any(unit => unit.Status == StepStatus.Waiting || unit.AvailableAt is not null))
        {
            return End(ExecutionStatus.Failed, "execution_stuck", "No step of the execution can begin.");
        }

        var due = Due();
        if (due - run.Now < ShortWait)
        {
            // Waited out here: to put it down and to take it up again would take longer.
            return run.State(ExecutionStatus.Running);
        }

        run.Tell("execution.waiting", new { until = due });
        return run.State(ExecutionStatus.Waiting) with { AvailableAt = due ?? Never };
    }

    // When the first retry or wait is due, or the execution has taken too long.
    private DateTimeOffset? Due()
    {
        var due = run.Units.Where(unit => unit.Status is StepStatus.Waiting or StepStatus.Pending).Min(unit => unit.AvailableAt);
        return run.Deadline is { } deadline && !(due < deadline) ? deadline : due;
    }

    private static DateTimeOffset Never { get; } = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private ExecutionState End(string status, string? code = null, string? error = null)
    {
        foreach (var open in run.Units.Where(unit => !unit.IsFinal))
        {
            open.Cancel(run.Now);
        }

        var message = error is { Length: > Execution.MaxErrorLength } ? error[..Execution.MaxErrorLength] : error;
        run.Tell("execution.finished", new { status, error_code = code, error = message }, final: true);
        return run.State(status) with
        {
            CompletedAt = run.Now,
            Results = status == ExecutionStatus.Succeeded ? run.Results() : null,
            ErrorCode = code,
            Error = message,
        };
    }

    private async Task<StepResult> DoAsync(StepUnit unit, CancellationToken cancellationToken)
    {
        // Off this thread: the others begin now, not when this one first waits.
        await Task.Yield();
        using var span = EngineTelemetry.BeginStep(unit);
        return runner.TypeOf(unit.Definition) is { } type
            ? await runner.ExecuteAsync(type, unit.Definition, services => run.ContextOf(unit, services), cancellationToken)
            : new StepResult.Failed("step_type_unknown", $"There is no step type '{unit.Definition.Type}' any more.");
    }

    // Until a step has ended, a signal has come, a retry or a wait is due, or the node drains.
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, draining.IsCancellationRequested ? CancellationToken.None : draining);
        if (Due() is { } at)
        {
            var pause = at - run.Now;
            over.CancelAfter(pause <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : pause < TimeSpan.FromDays(1) ? pause : TimeSpan.FromDays(1));
        }

        await Task.WhenAny([.. _atWork.Values, _signals.Reader.WaitToReadAsync(over.Token).AsTask()]);
        await over.CancelAsync();
    }
}
