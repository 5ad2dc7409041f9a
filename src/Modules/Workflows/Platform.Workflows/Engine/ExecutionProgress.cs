using System.Text.Json.Nodes;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Engine;

/// <summary>What is known of a step while its execution runs.</summary>
internal sealed record StepProgress(string Status, int Attempts = 0, JsonNode? Output = null, JsonNode? Error = null, DateTimeOffset? AvailableAt = null);

/// <summary>What can be done next.</summary>
internal sealed record NextSteps(IReadOnlyList<StepDefinition> Ready, IReadOnlyList<StepDefinition> Skippable, DateTimeOffset? WaitUntil);

/// <summary>
/// Decides what runs next. A step is ready when all that it depends on has ended and something of it has passed; it is skipped when nothing
/// has. Passing means to have succeeded, or to have failed with <c>on_error: continue</c>.
/// </summary>
internal sealed class ExecutionProgress(WorkflowGraph graph, Dictionary<string, StepProgress> steps)
{
    private static readonly StepProgress Untouched = new(StepStatus.Pending);

    public WorkflowGraph Graph => graph;

    public bool IsDone => graph.Steps.All(step => StepStatus.IsFinal(Of(step.Key).Status));

    /// <summary>The step whose failure ends the execution, or null.</summary>
    public StepDefinition? FatalStep =>
        graph.Steps.FirstOrDefault(step => step.OnError == StepDefinition.Fail && Of(step.Key).Status == StepStatus.Failed);

    public StepProgress Of(string key) => steps.GetValueOrDefault(key, Untouched);

    public void Set(string key, StepProgress progress) => steps[key] = progress;

    public NextSteps Next(DateTimeOffset now, IReadOnlyCollection<string> running)
    {
        var ready = new List<StepDefinition>();
        var skippable = new List<StepDefinition>();
        DateTimeOffset? waitUntil = null;
        foreach (var step in graph.Steps.Where(step => !running.Contains(step.Key) && !StepStatus.IsFinal(Of(step.Key).Status)))
        {
            switch (Judge(step))
            {
                case Verdict.Skip:
                    skippable.Add(step);
                    break;
                case Verdict.Run when Of(step.Key).AvailableAt is { } at && at > now:
                    waitUntil = waitUntil is { } earlier && earlier < at ? earlier : at;
                    break;
                case Verdict.Run:
                    ready.Add(step);
                    break;
                case Verdict.Wait:
                    break;
            }
        }

        return new NextSteps(ready, skippable, waitUntil);
    }

    /// <summary>What expressions see as <c>steps</c>.</summary>
    public JsonObject Scope() => new(graph.Steps
        .Where(step => StepStatus.IsFinal(Of(step.Key).Status))
        .Select(step => KeyValuePair.Create(step.Key, (JsonNode?)new JsonObject
        {
            ["status"] = Of(step.Key).Status,
            ["output"] = Of(step.Key).Output?.DeepClone(),
            ["error"] = Of(step.Key).Error?.DeepClone(),
        })));

    /// <summary>What the execution gives: the outputs of the steps that nothing depends on.</summary>
    public JsonObject Results() => new(graph.Leaves
        .Where(step => Of(step.Key).Status == StepStatus.Succeeded)
        .Select(step => KeyValuePair.Create(step.Key, Of(step.Key).Output?.DeepClone())));

    private Verdict Judge(StepDefinition step)
    {
        if (step.Dependencies.Any(key => !StepStatus.IsFinal(Of(key).Status)))
        {
            return Verdict.Wait;
        }

        if (graph.ErrorSteps.Contains(step.Key))
        {
            var failing = graph.FailingInto(step.Key).ToList();
            return failing.Any(other => Of(other.Key).Status == StepStatus.Failed) ? Verdict.Run
                : failing.All(other => StepStatus.IsFinal(Of(other.Key).Status)) ? Verdict.Skip
                : Verdict.Wait;
        }

        return step.Dependencies.Count == 0 || step.Dependencies.Any(HasPassed) ? Verdict.Run : Verdict.Skip;
    }

    private bool HasPassed(string key) => Of(key).Status switch
    {
        StepStatus.Succeeded => true,
        StepStatus.Failed => graph[key].OnError == StepDefinition.Continue,
        _ => false,
    };

    private enum Verdict
    {
        Wait,
        Run,
        Skip,
    }
}
