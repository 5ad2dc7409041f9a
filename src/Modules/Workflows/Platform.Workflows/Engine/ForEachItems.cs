using System.Text.Json.Nodes;
using Platform.Workflows.Domain;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>The items of steps with <c>for_each</c>: each is a unit of its own, the step ends with them.</summary>
internal sealed class ForEachItems(ExecutionRun run, StepRunner runner, StepOutcomes outcomes, StepStarts starts)
{
    private const int MaxItems = 1000;

    /// <summary>Begins a step with <c>for_each</c>: finds its list, and begins with the first of its items.</summary>
    public void Expand(StepUnit unit, IStepType type)
    {
        var items = StepRunner.Items(unit.Definition, run.Scope());
        if (items.Count > MaxItems)
        {
            throw new ExpressionException("for_each_too_long", $"for_each gave more than {MaxItems} items.");
        }

        unit.Expand(StepOutcomes.Storable(new JsonObject { ["items"] = items }), run.Now);
        if (type.IsPure && type is not IWaitingStepType)
        {
            ComputeItems(unit, type);
            return;
        }

        outcomes.TellStarted(unit);
        Begin(unit);
    }

    private void ComputeItems(StepUnit unit, IStepType type)
    {
        var outputs = new JsonArray();
        var list = run.ListOf(unit);
        for (var index = 0; index < list.Count; index++)
        {
            var input = StepRunner.Input(unit.Definition, run.Scope(list[index]));
            var result = runner.Compute(type, new StepContext(input, run.StepRun, unit.Definition.Key, index, PureServices.None));
            if (result is not StepResult.Completed completed)
            {
                outcomes.Apply(unit, ItemFailed(index, result is StepResult.Failed failed ? new StepError(failed.Code, failed.Message) : null));
                return;
            }

            outputs.Add(completed.Output?.DeepClone());
        }

        outcomes.Apply(unit, new StepResult.Completed(outputs));
    }

    /// <summary>Begins as many items as may run at once, and ends the step if that was all.</summary>
    public void Begin(StepUnit step)
    {
        var items = run.ItemsOf(step.Definition.Key);
        var list = run.ListOf(step);
        var active = items.Values.Count(item => (item.Status == StepStatus.Running && !starts.IsCutOff(item)) || item.Status == StepStatus.Waiting);
        for (var index = 0; index < list.Count && active < step.Definition.ItemsAtOnce; index++)
        {
            if (items.Values.Any(item => item.Status == StepStatus.Failed) || starts.IsFull)
            {
                break;
            }

            if (!items.TryGetValue(index, out var item))
            {
                item = run.AddItem(step.Definition, index);
            }
            else if (!starts.IsDue(item) && !starts.IsCutOff(item))
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
            item.Start(item.Input ?? StepOutcomes.Storable(StepRunner.Input(item.Definition, run.Scope(value))), run.Now);
            outcomes.TellStarted(item);
            if (runner.TypeOf(item.Definition) is { IsPure: true } type)
            {
                Apply(item, runner.Compute(type, run.ContextOf(item, PureServices.None)));
            }
            else
            {
                starts.Units.Add(item);
            }
        }
        catch (ExpressionException exception)
        {
            item.Start(new RawJson("null"), run.Now);
            Apply(item, new StepResult.Failed(exception.Code, exception.Message));
        }
    }

    /// <summary>Takes in what an item that was done came to.</summary>
    public void Apply(StepUnit item, StepResult result)
    {
        outcomes.Apply(item, result);
        Join(run.Step(item.Definition));
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

            outcomes.Apply(step, ItemFailed(failed.Item!.Value, failed.Error));
        }
        else if (items.Count == run.ListOf(step).Count && items.Values.All(item => item.Status == StepStatus.Succeeded))
        {
            outcomes.Apply(step, new StepResult.Completed(new JsonArray([.. items.Values.Select(item => item.Output?.ToNode())])));
        }
    }

    private static StepResult.Failed ItemFailed(int index, StepError? error) =>
        new("for_each_item_failed", $"Item {index} failed: {error?.Code}: {error?.Message}");
}
