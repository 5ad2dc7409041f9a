using System.Text.Json;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Trials;

/// <summary>What became of a step in a trial.</summary>
/// <param name="Key">The step.</param>
/// <param name="Type">Its type.</param>
/// <param name="Status"><c>succeeded</c>, <c>failed</c>, <c>skipped</c>, <c>cancelled</c>, or <c>pending</c> where it was not reached.</param>
/// <param name="Done">Whether it was really done; an effect outside, or a wait, is described instead.</param>
/// <param name="Input">What it took, or would have taken.</param>
/// <param name="Output">What it gave, or what was given in its place.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Described">The inputs of what would have been done: one, or one for each item of <c>for_each</c>.</param>
internal sealed record TrialStep(
    string Key, string Type, string Status, bool Done, JsonElement? Input, JsonElement? Output, StepError? Error,
    IReadOnlyList<JsonElement> Described);
