using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Engine;

/// <summary>
/// Decides whether a step may begin: when all that it depends on has ended and something of it has passed; it is skipped when nothing has.
/// Passing means to have succeeded, or to have failed with <c>on_error: continue</c>. A step that others fail into begins when one of them
/// has failed.
/// </summary>
internal static class StepOrder
{
    public enum Verdict
    {
        Wait,
        Run,
        Skip,
    }

    public static Verdict Judge(ExecutionRun run, StepDefinition step)
    {
        if (step.Dependencies.Any(key => !StepStatus.IsFinal(run.StatusOf(key))))
        {
            return Verdict.Wait;
        }

        var failing = run.Version.Graph.FailingInto(step.Key);
        if (failing.Any())
        {
            return failing.Any(other => run.StatusOf(other.Key) == StepStatus.Failed) ? Verdict.Run
                : failing.All(other => StepStatus.IsFinal(run.StatusOf(other.Key))) ? Verdict.Skip
                : Verdict.Wait;
        }

        return step.Dependencies.Count == 0 || step.Dependencies.Any(key => HasPassed(run, key)) ? Verdict.Run : Verdict.Skip;
    }

    private static bool HasPassed(ExecutionRun run, string key) => run.StatusOf(key) switch
    {
        StepStatus.Succeeded => true,
        StepStatus.Failed => run.Version.Graph[key].OnError == StepDefinition.Continue,
        _ => false,
    };
}
