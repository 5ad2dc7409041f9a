using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Definitions;

/// <summary>Names every fault of a definition with its path.</summary>
internal sealed partial class DefinitionValidator(StepTypes types)
{
    private const int MaxSteps = 200;

    public IReadOnlyList<DefinitionFault> Validate(JsonElement steps, JsonElement? config) =>
        [.. ValidateSteps(steps), .. config is { } given ? WorkflowSettings.FaultsOf(given).Concat(FaultsOfKey(given)) : []];

    private static IEnumerable<DefinitionFault> FaultsOfKey(JsonElement config)
    {
        if (config.ValueKind == JsonValueKind.Object && config.TryGetProperty("concurrency", out var concurrency)
            && concurrency.ValueKind == JsonValueKind.Object && concurrency.TryGetProperty("key", out var key)
            && key.ValueKind == JsonValueKind.String && ExpressionEngine.SyntaxFaultOf(Template.Unwrap(key.GetString()!)) is { } fault)
        {
            yield return new DefinitionFault("$.config.concurrency.key", "expression_invalid", fault);
        }
    }

    private List<DefinitionFault> ValidateSteps(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Array)
        {
            return [new DefinitionFault("$.steps", "steps_not_a_list", "The steps are a list.")];
        }

        var faults = new List<DefinitionFault>();
        var steps = Read(document, faults);
        CheckKeys(steps, faults);
        if (faults.Count > 0)
        {
            return faults;
        }

        var byKey = steps.ToDictionary(step => step.Step.Key, step => step.Step);
        foreach (var (path, step) in steps)
        {
            CheckReferences(path, step, byKey, faults);
        }

        CheckCycles(steps, byKey, faults);
        if (faults.Count == 0)
        {
            foreach (var (path, step) in steps)
            {
                CheckType(path, step, faults);
                CheckLimits(path, step, faults);
                CheckExpressions(path, step, WorkflowGraph.Upstream(byKey, step.Key), faults);
            }
        }

        return faults;
    }

    private static List<(string Path, StepDefinition Step)> Read(JsonElement document, List<DefinitionFault> faults)
    {
        var steps = new List<(string, StepDefinition)>();
        if (document.GetArrayLength() > MaxSteps)
        {
            faults.Add(new DefinitionFault("$.steps", "too_many_steps", $"A workflow has at most {MaxSteps} steps."));
            return steps;
        }

        var index = 0;
        foreach (var element in document.EnumerateArray())
        {
            var path = $"$.steps[{index++}]";
            try
            {
                steps.Add((path, element.Deserialize<StepDefinition>(PlatformJson.Options)
                    ?? throw new JsonException("A step is an object.")));
            }
            catch (JsonException exception)
            {
                var message = exception.Message.Contains("could not be mapped", StringComparison.Ordinal)
                    ? "There is no such member."
                    : "The step needs 'key' and 'type', and members of the right types.";
                faults.Add(new DefinitionFault(path + (exception.Path is { Length: > 1 } inner ? inner[1..] : ""), "step_malformed", message));
            }
        }

        return steps;
    }

    private static void CheckKeys(List<(string Path, StepDefinition Step)> steps, List<DefinitionFault> faults)
    {
        var seen = new HashSet<string>();
        foreach (var (path, step) in steps)
        {
            if (!KeyForm().IsMatch(step.Key))
            {
                faults.Add(new DefinitionFault($"{path}.key", "step_key_invalid", "A key is a letter, then letters, digits or _, at most 60."));
            }
            else if (!seen.Add(step.Key))
            {
                faults.Add(new DefinitionFault($"{path}.key", "step_key_taken", $"Another step is called '{step.Key}'."));
            }
        }
    }

    private static void CheckReferences(
        string path, StepDefinition step, Dictionary<string, StepDefinition> steps, List<DefinitionFault> faults)
    {
        for (var index = 0; index < step.Dependencies.Count; index++)
        {
            if (!steps.ContainsKey(step.Dependencies[index]))
            {
                faults.Add(new DefinitionFault(
                    $"{path}.depends_on[{index}]", "step_unknown", $"There is no step '{step.Dependencies[index]}'."));
            }
        }

        if (step.ErrorStep is { } errorStep && (!steps.ContainsKey(errorStep) || errorStep == step.Key))
        {
            faults.Add(new DefinitionFault($"{path}.on_error", "step_unknown", "Must be fail, continue, or the key of another step."));
        }
    }

    private static void CheckCycles(
        List<(string Path, StepDefinition Step)> steps, Dictionary<string, StepDefinition> byKey, List<DefinitionFault> faults)
    {
        foreach (var (path, step) in steps.Where(step => WorkflowGraph.Upstream(byKey, step.Step.Key).Contains(step.Step.Key)))
        {
            faults.Add(new DefinitionFault($"{path}.depends_on", "steps_in_a_cycle", $"The step '{step.Key}' comes before itself."));
        }
    }

    private void CheckType(string path, StepDefinition step, List<DefinitionFault> faults)
    {
        if (types.Find(step.Type) is not { } type)
        {
            faults.Add(new DefinitionFault($"{path}.type", "step_type_unknown", $"There is no step type '{step.Type}'."));
            return;
        }

        var with = step.With ?? JsonSerializer.SerializeToElement(new { });
        if (with.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new DefinitionFault($"{path}.with", "step_input_invalid", "Must be an object."));
            return;
        }

        foreach (var (member, message) in StepInputs.FaultsOf(type, with))
        {
            faults.Add(new DefinitionFault($"{path}.with.{member}", "step_input_invalid", message));
        }
    }

    private static void CheckLimits(string path, StepDefinition step, List<DefinitionFault> faults)
    {
        if (step.TimeoutSeconds is < 1 or > StepDefinition.MaxTimeoutSeconds)
        {
            faults.Add(new DefinitionFault(
                $"{path}.timeout_seconds", "step_limit_invalid", $"Must be 1 to {StepDefinition.MaxTimeoutSeconds}."));
        }

        if (step.Concurrency is < 1 or > StepDefinition.MaxConcurrency)
        {
            faults.Add(new DefinitionFault(
                $"{path}.concurrency", "step_limit_invalid", $"Must be 1 to {StepDefinition.MaxConcurrency}."));
        }

        if (step.Retry is { } retry
            && (retry.MaxAttempts is < 1 or > RetryPolicy.MostAttempts || retry.BackoffSeconds < 0 || retry.Multiplier < 1 || retry.MaxSeconds < 0))
        {
            faults.Add(new DefinitionFault(
                $"{path}.retry", "step_limit_invalid", $"max_attempts is 1 to {RetryPolicy.MostAttempts}, multiplier at least 1, times not negative."));
        }
    }

    private static void CheckExpressions(string path, StepDefinition step, HashSet<string> upstream, List<DefinitionFault> faults)
    {
        foreach (var (place, expression) in ExpressionsOf(path, step))
        {
            if (ExpressionEngine.SyntaxFaultOf(expression) is { } fault)
            {
                faults.Add(new DefinitionFault(place, "expression_invalid", fault));
                continue;
            }

            foreach (var key in StepReference().Matches(expression).Select(match => match.Groups[1].Value).Distinct().Where(key => !upstream.Contains(key)))
            {
                faults.Add(new DefinitionFault(place, "step_not_upstream", $"The step '{key}' does not come before this one."));
            }
        }
    }

    private static IEnumerable<(string Place, string Expression)> ExpressionsOf(string path, StepDefinition step)
    {
        if (step.When is { } when)
        {
            yield return ($"{path}.when", Template.Unwrap(when));
        }

        if (step.ForEach is { } forEach)
        {
            yield return ($"{path}.for_each", Template.Unwrap(forEach));
        }

        foreach (var found in step.With is { } with ? Template.ExpressionsIn(with, $"{path}.with") : [])
        {
            yield return found;
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,59}$")]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\bsteps\s*\.\s*([A-Za-z][A-Za-z0-9_]*)")]
    private static partial Regex StepReference();
}
