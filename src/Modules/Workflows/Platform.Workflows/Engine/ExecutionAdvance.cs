using System.Diagnostics;
using System.Text.Json.Nodes;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>
/// Takes an execution as far as it goes without an effect outside: computes pure steps, skips what is ruled out, ends waits, and finds the
/// steps that are to be done. Nothing of it counts before it is committed; computed again it comes to the same.
/// </summary>
internal sealed class ExecutionAdvance(ExecutionRun run, StepRunner runner)
{
    private const int MaxItems = 1000;
    private const int MaxStepsAtOnce = 64;
    private const int MaxOutputLength = 1024 * 1024;
    private static readonly IServiceProvider NoServices = new NothingProvider();
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    /// <summary>The steps with an effect outside that begin once this is committed.</summary>
    public List<StepUnit> Started { get; } = [];

    /// <summary>Whether the work was put off so that what there is can be committed first.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Goes as far as it goes.</summary>
    /// <param name="atWork">How many steps run already.</param>
    public void Go(int atWork)
    {
        var begun = Stopwatch.GetTimestamp();
        EndWaits();
        foreach (var step in run.Version.Graph.Steps)
        {
            if (run.FatalStep is not null)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(begun) > Longest)
            {
                HasMore = true;
                return;
            }

            Consider(step, atWork);
        }
    }

    /// <summary>Takes in what a step that was done came to.</summary>
    public void Apply(StepUnit unit, StepResult result)
    {
        var now = run.Now;
        switch (result)
        {
            case StepResult.Completed completed:
                Complete(unit, RawJson.Of(completed.Output), now);
                break;
            case StepResult.Waiting waiting:
                unit.Wait(waiting.Until, waiting.Signal);
                run.Tell("step.waiting", new { key = unit.Definition.Key, item = unit.Item, type = unit.Definition.Type, until = waiting.Until, signal = waiting.Signal });
                break;
            case StepResult.Failed failed:
                Fail(unit, failed, now);
                break;
        }

        if (unit.Item is not null)
        {
            Join(run.Step(unit.Definition));
        }
    }

    private void Consider(StepDefinition step, int atWork)
    {
        var unit = run.Find(step.Key);
        switch (unit?.Status ?? StepStatus.Pending)
        {
            case StepStatus.Pending when IsDue(unit):
                var verdict = StepOrder.Judge(run, step);
                if (verdict == StepOrder.Verdict.Skip)
                {
                    Skip(step);
                }
                else if (verdict == StepOrder.Verdict.Run && atWork + Started.Count < MaxStepsAtOnce)
                {
                    Begin(step, atWork);
                }

                break;
            case StepStatus.Running when step.ForEach is not null:
                BeginItems(unit!, atWork);
                break;
            case StepStatus.Running when IsCutOff(unit!):
                // A worker before this one was cut off while it did the step: it is done again, under the same key.
                Started.Add(unit!);
                unit!.Start(unit.Input!.Value, run.Now);
                TellStarted(unit);
                break;
        }
    }

    /// <summary>The units that run in this process.</summary>
    public required IReadOnlySet<StepUnit> AtWork { get; init; }

    private bool IsCutOff(StepUnit unit) => !AtWork.Contains(unit) && !Started.Contains(unit);

    private bool IsDue(StepUnit? unit) => unit?.AvailableAt is not { } at || at <= run.Now;

    private void Begin(StepDefinition step, int atWork)
    {
        var unit = run.Step(step);
        try
        {
            var isNew = unit.Input is null;
            if (isNew && !StepRunner.IsWanted(step, run.Scope()))
            {
                Skip(step);
                return;
            }

            if (runner.TypeOf(step) is not { } type)
            {
                throw new ExpressionException("step_type_unknown", $"There is no step type '{step.Type}' any more.");
            }

            if (step.ForEach is not null)
            {
                Expand(unit, type, atWork);
            }
            else if (type.IsPure)
            {
                ComputeOne(unit, type);
            }
            else
            {
                unit.Start(isNew ? InputOf(unit) : unit.Input!.Value, run.Now);
                TellStarted(unit);
                Started.Add(unit);
            }
        }
        catch (ExpressionException exception)
        {
            unit.Start(new RawJson("null"), run.Now);
            Apply(unit, new StepResult.Failed(exception.Code, exception.Message));
        }
    }

    private void ComputeOne(StepUnit unit, IStepType type)
    {
        var input = StepRunner.Input(unit.Definition, run.Scope());
        unit.Start(Storable(input), run.Now);
        Apply(unit, runner.Compute(type, new StepContext(input, run.StepRun, unit.Definition.Key, null, NoServices)));
    }

    private void Expand(StepUnit unit, IStepType type, int atWork)
    {
        var items = StepRunner.Items(unit.Definition, run.Scope());
        if (items.Count > MaxItems)
        {
            throw new ExpressionException("for_each_too_long", $"for_each gave more than {MaxItems} items.");
        }

        unit.Expand(Storable(new JsonObject { ["items"] = items }), run.Now);
        if (type.IsPure && type is not IWaitingStepType)
        {
            ComputeItems(unit, type);
            return;
        }

        TellStarted(unit);
        BeginItems(unit, atWork);
    }

    private void ComputeItems(StepUnit unit, IStepType type)
    {
        var outputs = new JsonArray();
        var list = run.ListOf(unit);
        for (var index = 0; index < list.Count; index++)
        {
            var input = StepRunner.Input(unit.Definition, run.Scope(list[index]));
            var result = runner.Compute(type, new StepContext(input, run.StepRun, unit.Definition.Key, index, NoServices));
            if (result is not StepResult.Completed completed)
            {
                Apply(unit, ItemFailed(index, result is StepResult.Failed failed ? new StepError(failed.Code, failed.Message) : null));
                return;
            }

            outputs.Add(completed.Output?.DeepClone());
        }

        Apply(unit, new StepResult.Completed(outputs));
    }

    private void BeginItems(StepUnit step, int atWork)
    {
        var items = run.ItemsOf(step.Definition.Key);
        var list = run.ListOf(step);
        var active = items.Values.Count(item => item.Status == StepStatus.Running && !IsCutOff(item) || item.Status == StepStatus.Waiting);
        for (var index = 0; index < list.Count && active < step.Definition.ItemsAtOnce; index++)
        {
            if (items.Values.Any(item => item.Status == StepStatus.Failed) || atWork + Started.Count >= MaxStepsAtOnce)
            {
                break;
            }

            if (!items.TryGetValue(index, out var item))
            {
                item = run.AddItem(step.Definition, index);
            }
            else if (!(item.Status == StepStatus.Pending && IsDue(item)) && !(item.Status == StepStatus.Running && IsCutOff(item)))
            {
                continue;
            }

            active++;
            BeginItem(item, list[index]);
        }

        Join(step);
    }

    private void BeginItem(StepUnit item, string value)
    {
        try
        {
            item.Start(item.Input ?? Storable(StepRunner.Input(item.Definition, run.Scope(value))), run.Now);
            TellStarted(item);
            if (runner.TypeOf(item.Definition) is { IsPure: true } type)
            {
                Apply(item, runner.Compute(type, ContextOf(item, NoServices)));
            }
            else
            {
                Started.Add(item);
            }
        }
        catch (ExpressionException exception)
        {
            item.Start(new RawJson("null"), run.Now);
            Apply(item, new StepResult.Failed(exception.Code, exception.Message));
        }
    }

    // A step with for_each has ended when its items have: all of them, or one with a failure and those that ran beside it.
    private void Join(StepUnit step)
    {
        if (step.IsFinal || step.Status != StepStatus.Running)
        {
            return;
        }

        var items = run.ItemsOf(step.Definition.Key);
        var failed = items.Values.FirstOrDefault(item => item.Status == StepStatus.Failed);
        if (failed is not null && !items.Values.Any(item => item.Status == StepStatus.Running))
        {
            foreach (var open in items.Values.Where(item => !item.IsFinal))
            {
                open.Cancel(run.Now);
            }

            Apply(step, ItemFailed(failed.Item!.Value, failed.Error));
        }
        else if (items.Count == run.ListOf(step).Count && items.Values.All(item => item.Status == StepStatus.Succeeded))
        {
            Apply(step, new StepResult.Completed(new JsonArray([.. items.Values.Select(item => item.Output?.ToNode())])));
        }
    }

    private static StepResult.Failed ItemFailed(int index, StepError? error) =>
        new("for_each_item_failed", $"Item {index} failed: {error?.Code}: {error?.Message}");

    private void EndWaits()
    {
        foreach (var unit in run.Units.Where(unit => unit.Status == StepStatus.Waiting).ToList())
        {
            var signal = unit.WaitsFor is { } name ? run.Take(name) : null;
            if (signal is null && (unit.AvailableAt is not { } until || until > run.Now))
            {
                continue;
            }

            if (runner.TypeOf(unit.Definition) is IWaitingStepType type)
            {
                Apply(unit, type.Resume(ContextOf(unit, NoServices), new WakeUp(signal is not null, signal?.Payload?.ToNode())));
            }
            else
            {
                Apply(unit, new StepResult.Failed("step_type_unknown", $"There is no step type '{unit.Definition.Type}' any more."));
            }
        }
    }

    public StepContext ContextOf(StepUnit unit, IServiceProvider services) =>
        new(unit.Input?.ToNode() as JsonObject ?? [], run.StepRun, unit.Definition.Key, unit.Item, services);

    private RawJson InputOf(StepUnit unit) => Storable(StepRunner.Input(unit.Definition, run.Scope()));

    private static RawJson Storable(JsonObject input)
    {
        var json = RawJson.Of(input);
        return !json.IsStorable ? throw new ExpressionException("step_input_invalid", "The input holds a NUL character.")
            : json.Text.Length > MaxOutputLength ? throw new ExpressionException("step_input_too_large", "The step would take more than 1 MiB.")
            : json;
    }

    private void Complete(StepUnit unit, RawJson output, DateTimeOffset now)
    {
        if (output.Text.Length > MaxOutputLength)
        {
            Fail(unit, new StepResult.Failed("step_output_too_large", "The step gave more than 1 MiB."), now);
        }
        else if (!output.IsStorable)
        {
            Fail(unit, new StepResult.Failed("step_output_invalid", "The step gave a NUL character."), now);
        }
        else
        {
            unit.Succeed(output, now);
            TellFinished(unit, now);
        }
    }

    private void Fail(StepUnit unit, StepResult.Failed failed, DateTimeOffset now)
    {
        var error = new StepError(failed.Code, failed.Message.Replace("\0", "", StringComparison.Ordinal));
        if (unit.Definition.Retry is { } retry && failed.IsRetryable && unit.Attempts < retry.MaxAttempts)
        {
            var pause = failed.RetryAfter ?? retry.PauseAfter(unit.Attempts, Random.Shared.NextDouble());
            unit.RetryAt(error, now + pause, now);
            run.Tell(
                "step.retrying",
                new { key = unit.Definition.Key, item = unit.Item, type = unit.Definition.Type, status = unit.Status, attempt = unit.Attempts, error, retry_at = unit.AvailableAt });
            return;
        }

        unit.Fail(error, now);
        run.Failed(unit);
        TellFinished(unit, now);
    }

    private void Skip(StepDefinition step)
    {
        var unit = run.Step(step);
        unit.Skip(run.Now);
        TellFinished(unit, run.Now);
    }

    private void TellStarted(StepUnit unit) =>
        run.Tell("step.started", new { key = unit.Definition.Key, item = unit.Item, type = unit.Definition.Type, attempt = unit.Attempts });

    private void TellFinished(StepUnit unit, DateTimeOffset now) => run.Tell(
        "step.finished",
        new
        {
            key = unit.Definition.Key,
            item = unit.Item,
            type = unit.Definition.Type,
            status = unit.Status,
            attempt = unit.Attempts,
            error = unit.Error,
            duration_ms = unit.StartedAt is { } started ? (long)(now - started).TotalMilliseconds : 0,
        });

    /// <summary>Pure steps reach for no service.</summary>
    private sealed class NothingProvider : IServiceProvider
    {
        public object? GetService(Type serviceType) => throw new InvalidOperationException("A pure step has no services.");
    }
}
