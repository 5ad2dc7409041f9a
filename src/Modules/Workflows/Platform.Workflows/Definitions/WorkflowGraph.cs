using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Definitions;

/// <summary>The steps of a version, and what comes before what.</summary>
internal sealed class WorkflowGraph
{
    private readonly Dictionary<string, StepDefinition> _steps;
    private readonly ILookup<string?, StepDefinition> _failingInto;

    public WorkflowGraph(IReadOnlyList<StepDefinition> steps)
    {
        _steps = steps.ToDictionary(step => step.Key);
        _failingInto = steps.ToLookup(step => step.ErrorStep);
        Steps = InOrder(steps);
        var depended = steps.SelectMany(step => step.Dependencies).ToHashSet();
        Leaves = [.. steps.Where(step => !depended.Contains(step.Key))];
    }

    /// <summary>The steps, each after those that it depends on and those that fail into it.</summary>
    public IReadOnlyList<StepDefinition> Steps { get; }

    /// <summary>Steps that nothing depends on: what they give is the result of the execution.</summary>
    public IReadOnlyList<StepDefinition> Leaves { get; }

    public StepDefinition this[string key] => _steps[key];

    /// <summary>Reads a published version, which was found valid.</summary>
    public static WorkflowGraph Read(JsonElement steps) => new(steps.Deserialize<List<StepDefinition>>(PlatformJson.Options)!);

    /// <summary>The steps that fail into this one; none for a step of the usual course.</summary>
    public IEnumerable<StepDefinition> FailingInto(string key) => _failingInto[key];

    public bool Contains(string key) => _steps.ContainsKey(key);

    /// <summary>A step and all that come after it, however far.</summary>
    public HashSet<string> Downstream(string key)
    {
        HashSet<string> found = [key];
        foreach (var step in Steps.Where(step => Before(step, FailingInto(step.Key)).Any(found.Contains)))
        {
            found.Add(step.Key);
        }

        return found;
    }

    /// <summary>All steps before one, however far.</summary>
    public static HashSet<string> Upstream(IReadOnlyDictionary<string, StepDefinition> steps, string key)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>(steps[key].Dependencies);
        foreach (var failing in steps.Values.Where(step => step.ErrorStep == key))
        {
            open.Push(failing.Key);
        }

        while (open.TryPop(out var next))
        {
            if (steps.TryGetValue(next, out var step) && found.Add(next))
            {
                foreach (var before in Before(step, steps.Values.Where(other => other.ErrorStep == next)))
                {
                    open.Push(before);
                }
            }
        }

        return found;
    }

    private static IEnumerable<string> Before(StepDefinition step, IEnumerable<StepDefinition> failingInto) =>
        step.Dependencies.Concat(failingInto.Select(failing => failing.Key));

    private List<StepDefinition> InOrder(IReadOnlyList<StepDefinition> steps)
    {
        var ordered = new List<StepDefinition>(steps.Count);
        var left = steps.ToDictionary(step => step.Key, step => Before(step, FailingInto(step.Key)).ToHashSet());
        while (left.Count > 0)
        {
            // Valid definitions have no cycle: there is always one.
            var free = steps.Where(step => left.TryGetValue(step.Key, out var before) && !before.Any(left.ContainsKey)).ToList();
            if (free.Count == 0)
            {
                throw new InvalidOperationException("The steps of a published version are in a cycle.");
            }

            free.ForEach(step => left.Remove(step.Key));
            ordered.AddRange(free);
        }

        return ordered;
    }
}
