using Acornima.Ast;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;
using JintEngine = Jint.Engine;

namespace Platform.Workflows.Expressions;

/// <summary>
/// The functions that expressions see as <c>fn</c>: ECMAScript of our own, under the same bounds as the expression itself. The one thing
/// that it asks of the host is a time zone's offset: numbers and texts in, a number out.
/// </summary>
internal static class ExpressionLibrary
{
    private const int MaxZoneLength = 100;
    private static readonly Prepared<Script> Source = JintEngine.PrepareScript(Read(), strict: true);

    /// <summary>The library, made for one engine.</summary>
    public static JsValue LoadInto(JintEngine engine) =>
        engine.Invoke(engine.Evaluate(Source), new ClrFunction(engine, "offsetOf", (_, arguments) => OffsetOf(engine, arguments)));

    // Minutes that the clock of a zone is ahead of UTC at a moment, given as milliseconds since 1970.
    private static JsNumber OffsetOf(JintEngine engine, JsValue[] arguments)
    {
        var (moment, zone) = (arguments.At(0), arguments.At(1));
        if (!moment.IsNumber() || !zone.IsString() || zone.AsString().Length > MaxZoneLength
            || !TimeZoneInfo.TryFindSystemTimeZoneById(zone.AsString(), out var found))
        {
            throw new JavaScriptException(engine.Intrinsics.TypeError, "There is no such time zone.");
        }

        var milliseconds = moment.AsNumber();
        return milliseconds is >= -62135596800000 and <= 253402300799999
            ? new JsNumber(found.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)).TotalMinutes)
            : throw new JavaScriptException(engine.Intrinsics.TypeError, "The time lies outside the years 1 to 9999.");
    }

    private static string Read()
    {
        using var stream = typeof(ExpressionLibrary).Assembly.GetManifestResourceStream("library.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
