namespace Platform.Workflows.Expressions;

/// <summary>What an expression sees. The values are JSON texts, and are read only where an expression asks for them.</summary>
/// <param name="Input">What the execution was started with.</param>
/// <param name="Vars">The variables of the workflow.</param>
/// <param name="Execution">The execution itself: its id, its workflow, when it started.</param>
/// <param name="Steps">For each step that has ended <c>{status, output, error}</c>.</param>
/// <param name="Item">The item of <c>for_each</c>, or null.</param>
internal sealed record ExpressionScope(
    string Input, string Vars, Func<string> Execution, Func<IEnumerable<KeyValuePair<string, Func<string>>>> Steps, string? Item = null)
{
    /// <summary>What is known before an execution starts.</summary>
    public static ExpressionScope OfInput(string input, string vars) => new(input, vars, () => "null", () => []);
}
