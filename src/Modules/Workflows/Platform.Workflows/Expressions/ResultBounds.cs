using Jint.Native;
using Jint.Native.Object;

namespace Platform.Workflows.Expressions;

/// <summary>
/// Looks whether a value may be written as JSON, before it is: a value that holds another one many times over can be written as far more
/// than it takes, one that is nested deep takes the square of its depth, and while it is written nobody counts.
/// </summary>
internal static class ResultBounds
{
    private const int MostValues = 600_000;

    // What is nested deeper, no reader of JSON here reads.
    private const int Deepest = 64;

    /// <summary>Goes over a value, without following it by recursion.</summary>
    /// <exception cref="ExpressionException">It holds more values than the largest result has room for, or is nested too deep.</exception>
    public static void Check(JsValue value)
    {
        var open = new Stack<(JsValue Value, int Depth)>();
        open.Push((value, 0));
        for (var seen = 0; open.TryPop(out var next); seen++)
        {
            if (seen + open.Count > MostValues)
            {
                throw TooLarge();
            }

            if (next.Depth > Deepest)
            {
                throw new ExpressionException("expression_too_large", "The expression makes a value that is nested too deep.");
            }

            if (next.Value is JsArray array)
            {
                Add(array, next.Depth + 1, open);
            }
            else if (next.Value is ObjectInstance found)
            {
                foreach (var (_, property) in found.GetOwnProperties())
                {
                    if (property.Value is ObjectInstance inner)
                    {
                        open.Push((inner, next.Depth + 1));
                    }
                }
            }
        }
    }

    private static void Add(JsArray array, int depth, Stack<(JsValue Value, int Depth)> open)
    {
        if (array.Length > MostValues)
        {
            throw TooLarge();
        }

        for (uint index = 0; index < array.Length; index++)
        {
            open.Push((array[index], depth));
        }
    }

    private static ExpressionException TooLarge() => new("expression_too_large", "The expression makes more than 1 MiB.");
}
