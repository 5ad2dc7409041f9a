using System.Collections.Concurrent;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>
/// The typefaces of pictures. Inter comes with the product, so that a picture looks the same on every machine; for a character that Inter
/// does not have, whatever font of the machine has it.
/// </summary>
internal static class Typefaces
{
    private static readonly ConcurrentDictionary<(int CodePoint, bool IsBold), SKTypeface> Fallbacks = new();
    private static readonly Lazy<IReadOnlyList<string>> Families = new(() => [.. SKFontManager.Default.GetFontFamilies().Order()]);

    public static readonly SKTypeface Regular = Load("Inter-Regular.ttf");
    public static readonly SKTypeface Bold = Load("Inter-SemiBold.ttf");

    /// <summary>The typeface that draws a character.</summary>
    public static SKTypeface Of(int codePoint, bool isBold)
    {
        var own = isBold ? Bold : Regular;
        return codePoint < 0x250 || own.ContainsGlyph(codePoint)
            ? own
            : Fallbacks.GetOrAdd((codePoint, isBold), wanted => FindFallback(wanted.CodePoint, wanted.IsBold) ?? own);
    }

    private static SKTypeface? FindFallback(int codePoint, bool isBold)
    {
        var style = isBold ? SKFontStyle.Bold : SKFontStyle.Normal;
        return Families.Value.Select(family => SKFontManager.Default.MatchFamily(family, style))
            .FirstOrDefault(typeface => typeface?.ContainsGlyph(codePoint) == true);
    }

    private static SKTypeface Load(string name)
    {
        using var file = typeof(Typefaces).Assembly.GetManifestResourceStream($"Platform.Dashboards.Charts.Fonts.{name}")!;
        return SKTypeface.FromStream(file);
    }
}
