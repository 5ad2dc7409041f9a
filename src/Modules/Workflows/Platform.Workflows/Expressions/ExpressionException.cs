namespace Platform.Workflows.Expressions;

/// <summary>An expression that cannot be evaluated, or that costs more than it may.</summary>
internal sealed class ExpressionException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
