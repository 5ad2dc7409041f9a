using Acornima.Ast;
using Jint;
using JintEngine = Jint.Engine;

namespace Platform.Workflows.Expressions;

/// <summary>An expression that was read.</summary>
/// <param name="Script">What the interpreter runs.</param>
/// <param name="IsPlain">
/// Whether it calls, makes and defines nothing: what it gives is then nested no deeper than itself and what it sees.
/// </param>
internal readonly record struct PreparedExpression(Prepared<Script> Script, bool IsPlain)
{
    /// <summary>Reads an expression.</summary>
    /// <exception cref="ScriptPreparationException">It is none.</exception>
    public static PreparedExpression Read(string expression)
    {
        // In parentheses it can only be an expression, never a statement.
        var script = JintEngine.PrepareScript($"({expression}\n)", strict: true);
        return new PreparedExpression(script, IsPlainNode(script.Program!));
    }

    private static bool IsPlainNode(Node node)
    {
        var open = new Stack<Node>([node]);
        while (open.TryPop(out var next))
        {
            if (next is CallExpression or NewExpression or TaggedTemplateExpression or IFunction or IClass or ImportExpression)
            {
                return false;
            }

            foreach (var child in next.ChildNodes)
            {
                open.Push(child);
            }
        }

        return true;
    }
}
