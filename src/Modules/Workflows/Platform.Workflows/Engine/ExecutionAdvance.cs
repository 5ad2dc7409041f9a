using System.Diagnostics;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>
/// Takes an execution as far as it goes without an effect outside: computes pure steps, skips what is ruled out, ends waits, and finds the
/// steps that are to be done. Nothing of it counts before it is committed; computed again it comes to the same.
/// </summary>
internal sealed class ExecutionAdvance
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);
    private readonly ExecutionRun _run;
    private readonly StepRunner _runner;
    private readonly StepOutcomes _outcomes;
    private readonly StepStarts _starts;
    private readonly ForEachItems _items;

    /// <summary>Looks at an execution.</summary>
    /// <param name="run">The execution.</param>
    /// <param name="runner">Does steps.</param>
    /// <param name="atWork">The units that run in this process.</param>
    public ExecutionAdvance(ExecutionRun run, StepRunner runner, IReadOnlySet<StepUnit> atWork)
    {
        (_run, _runner) = (run, runner);
        _outcomes = new StepOutcomes(run);
        _starts = new StepStarts(run, atWork);
        _items = new ForEachItems(run, runner, _outcomes, _starts);
    }

    /// <summary>The steps with an effect outside that begin once this is committed.</summary>
    public List<StepUnit> Started => _starts.Units;

    /// <summary>Whether the work was put off so that what there is can be committed first.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Goes as far as it goes.</summary>
    /// <param name="atWork">How many steps run already.</param>
    public void Go(int atWork)
    {
        var begun = Stopwatch.GetTimestamp();
        _starts.Running = atWork;
        EndWaits();
        foreach (var step in _run.Version.Graph.Steps)
        {
            if (_run.FatalStep is not null)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(begun) > Longest)
            {
                HasMore = true;
                return;
            }

            Consider(step);
        }
    }

    /// <summary>Takes in what a step that was done came to.</summary>
    public void Apply(StepUnit unit, StepResult result)
    {
        if (unit.Item is not null)
        {
            _items.Apply(unit, result);
        }
        else
        {
            _outcomes.Apply(unit, result);
        }
    }

    private void Consider(StepDefinition step)
    {
        var unit = _run.Find(step.Key);
        switch (unit?.Status ?? StepStatus.Pending)
        {
            case StepStatus.Pending when _starts.IsDue(unit):
                var verdict = StepOrder.Judge(_run, step);
                if (verdict == StepOrder.Verdict.Skip)
                {
                    _outcomes.Skip(_run.Step(step));
                }
                else if (verdict == StepOrder.Verdict.Run && !_starts.IsFull)
                {
                    Begin(step);
                }

                break;
            case StepStatus.Running when step.ForEach is not null:
                _items.Begin(unit!);
                break;
            case StepStatus.Running when _starts.IsCutOff(unit!):
                // A worker before this one was cut off while it did the step: it is done again, under the same key.
                Started.Add(unit!);
                unit!.Start(unit.Input!.Value, _run.Now);
                _outcomes.TellStarted(unit);
                break;
        }
    }

    private void Begin(StepDefinition step)
    {
        var unit = _run.Step(step);
        try
        {
            var isNew = unit.Input is null;
            if (isNew && !StepRunner.IsWanted(step, _run.Scope()))
            {
                _outcomes.Skip(unit);
                return;
            }

            if (_runner.TypeOf(step) is not { } type)
            {
                throw new ExpressionException("step_type_unknown", $"There is no step type '{step.Type}' any more.");
            }

            if (step.ForEach is not null)
            {
                _items.Expand(unit, type);
            }
            else if (type.IsPure)
            {
                ComputeOne(unit, type);
            }
            else
            {
                unit.Start(isNew ? StepOutcomes.Storable(StepRunner.Input(step, _run.Scope())) : unit.Input!.Value, _run.Now);
                _outcomes.TellStarted(unit);
                Started.Add(unit);
            }
        }
        catch (ExpressionException exception)
        {
            unit.Start(new RawJson("null"), _run.Now);
            Apply(unit, new StepResult.Failed(exception.Code, exception.Message));
        }
    }

    private void ComputeOne(StepUnit unit, IStepType type)
    {
        var input = StepRunner.Input(unit.Definition, _run.Scope());
        unit.Start(StepOutcomes.Storable(input), _run.Now);
        Apply(unit, _runner.Compute(type, new StepContext(input, _run.StepRun, unit.Definition.Key, null, PureServices.None)));
    }

    private void EndWaits()
    {
        foreach (var unit in _run.Units.Where(unit => unit.Status == StepStatus.Waiting).ToList())
        {
            var signal = unit.WaitsFor is { } name ? _run.Take(name) : null;
            if (signal is null && (unit.AvailableAt is not { } until || until > _run.Now))
            {
                continue;
            }

            if (_runner.TypeOf(unit.Definition) is IWaitingStepType type)
            {
                Apply(unit, type.Resume(_run.ContextOf(unit, PureServices.None), new WakeUp(signal is not null, signal?.Payload?.ToNode())));
            }
            else
            {
                Apply(unit, new StepResult.Failed("step_type_unknown", $"There is no step type '{unit.Definition.Type}' any more."));
            }
        }
    }
}
