using System.Text.Json;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Definitions;

/// <summary>The steps of a version, and what comes before what.</summary>
internal sealed class WorkflowGraph
{
    private readonly Dictionary<string, StepDefinition> _steps;

    private WorkflowGraph(IReadOnlyList<StepDefinition> steps)
    {
        Steps = steps;
        _steps = steps.ToDictionary(step => step.Key);
        ErrorSteps = steps.Select(step => step.ErrorStep).OfType<string>().ToHashSet();
    }

    public IReadOnlyList<StepDefinition> Steps { get; }

    /// <summary>Steps that run only when another has failed.</summary>
    public IReadOnlySet<string> ErrorSteps { get; }

    /// <summary>Steps that nothing depends on: what they give is the result of the execution.</summary>
    public IEnumerable<StepDefinition> Leaves => Steps.Where(step => !Steps.Any(other => other.Dependencies.Contains(step.Key)));

    public StepDefinition this[string key] => _steps[key];

    /// <summary>Reads a published version, which was found valid.</summary>
    public static WorkflowGraph Read(JsonElement steps) => new(steps.Deserialize<List<StepDefinition>>(PlatformJson.Options)!);

    /// <summary>The steps that fail into this one.</summary>
    public IEnumerable<StepDefinition> FailingInto(string key) => Steps.Where(step => step.ErrorStep == key);

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
                foreach (var dependency in step.Dependencies)
                {
                    open.Push(dependency);
                }
            }
        }

        return found;
    }
}
