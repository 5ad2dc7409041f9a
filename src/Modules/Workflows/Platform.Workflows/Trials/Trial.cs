using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;
using Platform.Workflows.Engine.Store;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Trials;

/// <summary>
/// Runs a definition as the engine does, in memory alone: there is no execution, and nothing is committed. Pure steps are computed and
/// reads are done; effects outside and waits are described, and give what the caller says that they give.
/// </summary>
internal sealed class Trial(StepRunner runner, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Runs it to its end, or to the end of its time.</summary>
    /// <param name="owner">As whom reads, and effects where they are allowed, are done.</param>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="version">What is run.</param>
    /// <param name="given">The input, what stands in for effects, and whether effects are allowed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each step, in the order of the definition's dependencies.</returns>
    public async Task<IReadOnlyList<TrialStep>> RunAsync(
        Guid owner, Guid workflowId, CompiledVersion version, TrialInput given, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(Longest);
        var now = clock.GetUtcNow();
        var run = new ExecutionRun(
            new ClaimedExecution(
                Guid.CreateVersion7(now), owner, workflowId, 0, 0, 0, "test", 0, new RawJson(given.Input.GetRawText()), now, now, null, null),
            version,
            clock);
        var described = new List<StepUnit>();
        while (!time.IsCancellationRequested)
        {
            var advance = new ExecutionAdvance(run, runner, new HashSet<StepUnit>());
            advance.Go(0);
            var began = advance.Started.ToList();
            foreach (var unit in began)
            {
                advance.Apply(unit, await DoAsync(run, unit, given, described, time.Token));
            }

            var waiting = run.Units.Where(unit => unit.Status == StepStatus.Waiting).ToList();
            foreach (var unit in waiting)
            {
                described.Add(unit);
                advance.Apply(unit, new StepResult.Completed(given.OutputOf(unit.Definition.Key)));
            }

            if (began.Count == 0 && waiting.Count == 0 && !advance.HasMore)
            {
                break;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return [.. version.Graph.Steps.Select(step => Describe(run, step, described))];
    }

    private async Task<StepResult> DoAsync(
        ExecutionRun run, StepUnit unit, TrialInput given, List<StepUnit> described, CancellationToken cancellationToken)
    {
        var type = runner.TypeOf(unit.Definition)!;
        if (!given.AllowEffects && !type.OnlyReads(run.ContextOf(unit, PureServices.None)))
        {
            described.Add(unit);
            return new StepResult.Completed(given.OutputOf(unit.Definition.Key));
        }

        try
        {
            return await runner.ExecuteAsync(type, unit.Definition, services => run.ContextOf(unit, services), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return new StepResult.Failed("trial_timeout", $"The trial took longer than {Longest.TotalSeconds} s.");
        }
    }

    private static TrialStep Describe(ExecutionRun run, StepDefinition step, List<StepUnit> described)
    {
        var unit = run.Find(step.Key);
        var ofStep = described.Where(other => other.Definition.Key == step.Key).OrderBy(other => other.Item).ToList();
        return new TrialStep(
            step.Key, step.Type, unit?.Status ?? StepStatus.Pending, unit?.Status == StepStatus.Succeeded && ofStep.Count == 0,
            ElementOf(unit?.Input), ElementOf(unit?.Output), unit?.Error, [.. ofStep.Select(other => ElementOf(other.Input)!.Value)]);
    }

    private static JsonElement? ElementOf(RawJson? json) => json is { } given ? JsonSerializer.Deserialize<JsonElement>(given.Text) : null;
}

/// <summary>What a trial starts with.</summary>
/// <param name="Input">What the steps see as <c>input</c>.</param>
/// <param name="Outputs">Step key to what stands in for its effect or wait; null for nothing.</param>
/// <param name="AllowEffects">Whether steps with an effect outside are really done.</param>
internal sealed record TrialInput(JsonElement Input, JsonElement? Outputs = null, bool AllowEffects = false)
{
    /// <summary>What stands in for a step.</summary>
    public JsonNode? OutputOf(string key) =>
        Outputs is { ValueKind: JsonValueKind.Object } outputs && outputs.TryGetProperty(key, out var output)
            ? JsonSerializer.SerializeToNode(output)
            : null;
}
