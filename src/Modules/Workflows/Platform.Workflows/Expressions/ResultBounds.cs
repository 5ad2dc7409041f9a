using Jint.Native;
using Jint.Native.Object;

namespace Platform.Workflows.Expressions;

/// <summary>
/// Looks whether a value may be written as JSON, before it is: a value that holds another one many times over can be written as far more
/// than it takes, and while it is written nobody counts.
/// </summary>
internal static class ResultBounds
{
    private const int MostValues = 600_000;

    /// <summary>Goes over a value, without following it by recursion.</summary>
    /// <exception cref="ExpressionException">It holds more values than the largest result has room for.</exception>
    public static void Check(JsValue value)
    {
        var open = new Stack<JsValue>();
        open.Push(value);
        for (var seen = 0; open.TryPop(out var next); seen++)
        {
            if (seen + open.Count > MostValues)
            {
                throw new ExpressionException("expression_too_large", "The expression makes more than 1 MiB.");
            }

            if (next is JsArray array)
            {
                Add(array, open);
            }
            else if (next is ObjectInstance found)
            {
                foreach (var (_, property) in found.GetOwnProperties())
                {
                    if (property.Value is ObjectInstance inner)
                    {
                        open.Push(inner);
                    }
                }
            }
        }
    }

    private static void Add(JsArray array, Stack<JsValue> open)
    {
        if (array.Length > MostValues)
        {
            throw new ExpressionException("expression_too_large", "The expression makes more than 1 MiB.");
        }

        for (uint index = 0; index < array.Length; index++)
        {
            open.Push(array[index]);
        }
    }
}
