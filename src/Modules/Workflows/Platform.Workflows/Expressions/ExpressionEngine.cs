using System.Text.Json.Nodes;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Runtime;
using JintEngine = Jint.Engine;

namespace Platform.Workflows.Expressions;

/// <summary>
/// Evaluates expressions: ECMAScript in an interpreter that sees JSON values and nothing of the host, with bounds on statements, memory,
/// time, recursion and the size of what it makes.
/// </summary>
internal sealed class ExpressionEngine : IDisposable
{
    private const int MaxLength = 10_000;
    private const int MaxResultBytes = 1024 * 1024;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);
    private readonly JintEngine _engine;

    /// <summary>An engine that sees these values under these names.</summary>
    public ExpressionEngine(IEnumerable<KeyValuePair<string, JsonNode?>> scope)
    {
        _engine = new JintEngine(options => options
            .Strict()
            .DisableStringCompilation()
            .MaxStatements(100_000)
            .LimitMemory(32 * 1024 * 1024)
            .TimeoutInterval(MaxTime)
            .LimitRecursion(64)
            .RegexTimeoutInterval(TimeSpan.FromMilliseconds(200))
            .MaxArraySize(1_000_000));
        var parser = new JsonParser(_engine);
        foreach (var (name, value) in scope)
        {
            _engine.SetValue(name, value is null ? JsValue.Null : parser.Parse(value.ToJsonString()));
        }
    }

    /// <summary>What is wrong with an expression's syntax, or null.</summary>
    public static string? SyntaxFaultOf(string expression)
    {
        if (expression.Length is 0 or > MaxLength)
        {
            return $"An expression has 1 to {MaxLength} characters.";
        }

        try
        {
            JintEngine.PrepareScript(Wrap(expression), strict: true);
            return null;
        }
        catch (Exception exception) when (exception is ScriptPreparationException or Acornima.ParseErrorException)
        {
            return "The expression cannot be read: " + (exception.InnerException ?? exception).Message;
        }
    }

    /// <summary>The value of an expression, as JSON.</summary>
    public JsonNode? Evaluate(string expression)
    {
        try
        {
            var value = _engine.Evaluate(Wrap(expression));
            if (value.IsUndefined() || value.IsNull())
            {
                return null;
            }

            var json = new JsonSerializer(_engine).Serialize(value, JsValue.Undefined, JsValue.Undefined);
            var text = json.IsUndefined() ? null : json.AsString();
            return text switch
            {
                null => null,
                { Length: > MaxResultBytes } => throw new ExpressionException("expression_too_large", "The expression makes more than 1 MiB."),
                _ => JsonNode.Parse(text),
            };
        }
        catch (Exception exception) when (exception is JavaScriptException or Acornima.ParseErrorException)
        {
            throw new ExpressionException("expression_failed", exception.Message);
        }
        catch (Exception exception) when (exception is StatementsCountOverflowException or MemoryLimitExceededException
            or TimeoutException or RecursionDepthOverflowException or ExecutionCanceledException)
        {
            throw new ExpressionException("expression_too_costly", "The expression costs more than it may.");
        }
        catch (Exception exception) when (exception is JintException or InvalidOperationException or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            throw new ExpressionException("expression_failed", "The expression cannot be evaluated.");
        }
    }

    public void Dispose() => _engine.Dispose();

    // In parentheses it can only be an expression, never a statement.
    private static string Wrap(string expression) => $"({expression}\n)";
}
