using System.Text.Json.Nodes;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine.Store;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>An execution while this node works it: its steps as far as they have come, and what is not committed yet.</summary>
internal sealed class ExecutionRun
{
    private readonly ClaimedExecution _claim;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, StepUnit> _steps = [];
    private readonly Dictionary<string, SortedDictionary<int, StepUnit>> _items = [];
    private readonly Dictionary<string, List<string>> _lists = [];
    private readonly List<Signal> _signals = [];
    private readonly HashSet<Guid> _seen = [];
    private readonly List<Guid> _consumed = [];
    private readonly List<ExecutionEvent> _events = [];

    public ExecutionRun(ClaimedExecution claim, CompiledVersion version, TimeProvider clock)
    {
        (_claim, Version, _clock) = (claim, version, clock);
        StartedAt = claim.StartedAt ?? Now;
        foreach (var row in claim.Steps ?? [])
        {
            var unit = StepUnit.Of(version.Graph[row.Key], row);
            if (row.ItemIndex is { } index)
            {
                ItemsOf(row.Key)[index] = unit;
            }
            else
            {
                _steps[row.Key] = unit;
            }
        }

        FatalStep = version.Graph.Steps.FirstOrDefault(step => step.OnError == StepDefinition.Fail && StatusOf(step.Key) == StepStatus.Failed);
        Receive(claim.Signals ?? []);
        if (claim.StartedAt is null)
        {
            Tell("execution.started", new { execution_id = Id });
        }
    }

    public Guid Id => _claim.Id;

    public Guid UserId => _claim.UserId;

    public ClaimedExecution Claim => _claim;

    public CompiledVersion Version { get; }

    public DateTimeOffset StartedAt { get; }

    public DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>When the execution has taken too long, or null.</summary>
    public DateTimeOffset? Deadline => Version.Settings.TimeoutSeconds is { } seconds ? StartedAt.AddSeconds(seconds) : null;

    public StepRun StepRun => new(Id, _claim.WorkflowId, UserId, _claim.Depth, Now);

    /// <summary>The step whose failure ends the execution, or null.</summary>
    public StepDefinition? FatalStep { get; private set; }

    public bool IsDone => Version.Graph.Steps.All(step => StepStatus.IsFinal(StatusOf(step.Key)));

    public IEnumerable<StepUnit> Units => _steps.Values.Concat(_items.Values.SelectMany(items => items.Values));

    public bool HasChanges => _events.Count > 0 || _consumed.Count > 0 || Units.Any(unit => unit.IsDirty);

    public StepUnit Step(StepDefinition definition)
    {
        if (!_steps.TryGetValue(definition.Key, out var unit))
        {
            _steps[definition.Key] = unit = new StepUnit(definition, null, Guid.CreateVersion7(Now));
        }

        return unit;
    }

    public StepUnit? Find(string key) => _steps.GetValueOrDefault(key);

    public string StatusOf(string key) => Find(key)?.Status ?? StepStatus.Pending;

    public SortedDictionary<int, StepUnit> ItemsOf(string key)
    {
        if (!_items.TryGetValue(key, out var items))
        {
            _items[key] = items = [];
        }

        return items;
    }

    public StepUnit AddItem(StepDefinition definition, int index) =>
        ItemsOf(definition.Key)[index] = new StepUnit(definition, index, Guid.CreateVersion7(Now));

    /// <summary>The values that a step with <c>for_each</c> goes over: those that it found when it began.</summary>
    public List<string> ListOf(StepUnit step)
    {
        if (!_lists.TryGetValue(step.Definition.Key, out var list))
        {
            var items = step.Input!.Value.ToNode()!["items"]!.AsArray();
            _lists[step.Definition.Key] = list = [.. items.Select(item => RawJson.Of(item).Text)];
        }

        return list;
    }

    /// <summary>What a step sees that is to be done, or whose wait is over.</summary>
    public StepContext ContextOf(StepUnit unit, IServiceProvider services) =>
        new(unit.Input?.ToNode() as JsonObject ?? [], StepRun, unit.Definition.Key, unit.Item, services, unit.WaitsFor);

    /// <summary>What expressions see.</summary>
    public ExpressionScope Scope(string? item = null) => new(
        _claim.Input.Text,
        Version.Vars,
        () => RawJson.Of(new { id = Id, workflow_id = _claim.WorkflowId, started_at = StartedAt, trigger = _claim.Trigger }).Text,
        () => _steps.Values.Where(unit => unit.IsFinal).Select(unit => KeyValuePair.Create(unit.Definition.Key, (Func<string>)(() => Describe(unit)))),
        item);

    /// <summary>What the execution gives: the outputs of the steps that nothing depends on.</summary>
    public RawJson Results() => RawJson.Of(new JsonObject(Version.Graph.Leaves
        .Where(step => StatusOf(step.Key) == StepStatus.Succeeded)
        .Select(step => KeyValuePair.Create(step.Key, Find(step.Key)!.Output?.ToNode()))));

    /// <summary>Takes in that a step has failed for good.</summary>
    public void Failed(StepUnit unit)
    {
        if (unit.Item is null && unit.Definition.OnError == StepDefinition.Fail)
        {
            FatalStep ??= unit.Definition;
        }
    }

    public void Receive(IEnumerable<Signal> signals) => _signals.AddRange(signals.Where(signal => _seen.Add(signal.Id)));

    /// <summary>Takes the first signal of a name: nobody else gets it.</summary>
    public Signal? Take(string name)
    {
        var signal = _signals.Find(signal => signal.Name == name);
        if (signal is not null)
        {
            _signals.Remove(signal);
            _consumed.Add(signal.Id);
        }

        return signal;
    }

    public void Tell(string type, object payload, bool final = false) => _events.Add(new ExecutionEvent(Id, UserId, type, RawJson.Of(payload), final));

    /// <summary>What is to be committed now, with the execution's state from now on. The run counts it as committed.</summary>
    public Progress TakeProgress(ExecutionState state)
    {
        var dirty = Units.Where(unit => unit.IsDirty).ToList();
        var progress = new Progress(state, [.. dirty.Select(unit => unit.StateOf(this))], [.. _events], [.. _consumed]);
        dirty.ForEach(unit => unit.Committed());
        _events.Clear();
        _consumed.Clear();
        return progress;
    }

    public ExecutionState State(string status) => new(Id, UserId, _claim.WorkflowId, _claim.Fence, status, StartedAt);

    private static string Describe(StepUnit unit) =>
        $$"""{"status":"{{unit.Status}}","output":{{unit.Output?.Text ?? "null"}},"error":{{RawJson.Of(unit.Error).Text}}}""";
}
