using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Acornima.Ast;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;
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
    private const int MostScripts = 10_000;
    private const int LongestKeptScript = 500;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<string, PreparedExpression> Scripts = new();
    private static readonly JsString[] Withheld =
    [
        .. new[]
        {
            "ArrayBuffer", "SharedArrayBuffer", "DataView", "Atomics", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
            "Int32Array", "Uint32Array", "BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array", "Proxy", "ShadowRealm",
            "WeakRef", "FinalizationRegistry",
        }.Select(name => new JsString(name)),
    ];

    private readonly JintEngine _engine;
    private readonly JsonParser _parser;

    /// <summary>An engine that sees a scope. Nothing of what an expression does to the values is seen by anybody else.</summary>
    public ExpressionEngine(ExpressionScope scope)
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
        _parser = new JsonParser(_engine);
        Define(_engine.Global, "input", () => _parser.Parse(scope.Input));
        Define(_engine.Global, "vars", () => _parser.Parse(scope.Vars));
        Define(_engine.Global, "execution", () => _parser.Parse(scope.Execution()));
        Define(_engine.Global, "item", () => scope.Item is { } item ? _parser.Parse(item) : JsValue.Null);
        Define(_engine.Global, "steps", () => StepsOf(scope));
        Define(_engine.Global, "fn", () => ExpressionLibrary.LoadInto(_engine));
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
            PreparedExpression.Read(expression);
            return null;
        }
        catch (Exception exception) when (exception is ScriptPreparationException or Acornima.ParseErrorException)
        {
            return "The expression cannot be read: " + (exception.InnerException ?? exception).Message;
        }
    }

    /// <summary>The value of an expression, as JSON.</summary>
    /// <exception cref="ExpressionException">It cannot be evaluated, or costs more than it may.</exception>
    public JsonNode? Evaluate(string expression)
    {
        try
        {
            var prepared = Prepare(expression);
            var text = prepared.IsPlain ? Write(_engine.Evaluate(prepared.Script)) : DeepStack.Run(() => RunBare(prepared.Script));
            return text switch
            {
                null => null,
                { Length: > MaxResultBytes } => throw new ExpressionException("expression_too_large", "The expression makes more than 1 MiB."),
                _ => JsonNode.Parse(text),
            };
        }
        catch (System.Text.Json.JsonException)
        {
            throw new ExpressionException("expression_too_large", "The expression makes a value that is nested too deep.");
        }
        catch (Exception exception) when (exception is JavaScriptException or Acornima.ParseErrorException or ScriptPreparationException)
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

    private string? Write(JsValue value)
    {
        if (value.IsUndefined() || value.IsNull())
        {
            return null;
        }

        var json = new JsonSerializer(_engine).Serialize(value, JsValue.Undefined, JsValue.Undefined);
        return json.IsUndefined() ? null : json.AsString();
    }

    // What takes memory past the interpreter's own count, and what JSON has no use for.
    private string? RunBare(Prepared<Script> script)
    {
        foreach (var name in Withheld)
        {
            _engine.Global.Delete(name);
        }

        BoundConversions();
        var value = _engine.Evaluate(script);
        ResultBounds.Check(value);
        return Write(value);
    }

    // Values nested in one another become a text without one statement of the expression, for as long as it takes: with this, each list on
    // the way looks at the clock, and nothing becomes JSON that could not be read again.
    private void BoundConversions()
    {
        var lists = _engine.Intrinsics.Array.PrototypeObject;
        Wrap(lists, "join", _ => _engine.Constraints.Check());
        Wrap(lists, "toLocaleString", _ => _engine.Constraints.Check());
        Wrap(_engine.Global.Get("JSON").AsObject(), "stringify", arguments => ResultBounds.Check(arguments.At(0)));
    }

    private void Wrap(ObjectInstance owner, string name, Action<JsValue[]> before)
    {
        var native = owner.Get(name);
        var wrapped = new ClrFunction(_engine, name, (self, arguments) =>
        {
            before(arguments);
            return _engine.Call(native, self, arguments);
        });
        owner.FastSetProperty(name, new PropertyDescriptor(wrapped, writable: true, enumerable: false, configurable: true));
    }

    private static PreparedExpression Prepare(string expression)
    {
        if (Scripts.TryGetValue(expression, out var known))
        {
            return known;
        }

        var script = PreparedExpression.Read(expression);
        if (expression.Length <= LongestKeptScript)
        {
            if (Scripts.Count >= MostScripts)
            {
                Scripts.Clear();
            }

            Scripts[expression] = script;
        }

        return script;
    }

    private JsObject StepsOf(ExpressionScope scope)
    {
        var steps = new JsObject(_engine);
        foreach (var (key, value) in scope.Steps())
        {
            Define(steps, key, () => _parser.Parse(value()));
        }

        return steps;
    }

    // The value is made when it is first asked for: most expressions ask for little of what they could see.
    private void Define(ObjectInstance target, string name, Func<JsValue> make)
    {
        JsValue? made = null;
        var getter = new ClrFunction(_engine, name, (_, _) => made ??= make());
        target.DefineOwnProperty(name, new GetSetPropertyDescriptor(getter, JsValue.Undefined, enumerable: true, configurable: false));
    }
}
