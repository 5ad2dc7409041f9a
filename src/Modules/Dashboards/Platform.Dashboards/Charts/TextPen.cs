using System.Text;
using SkiaSharp;
using SkiaSharp.HarfBuzz;

namespace Platform.Dashboards.Charts;

/// <summary>Where a text stands to its point.</summary>
internal enum TextSide
{
    Left,
    Middle,
    Right,
}

/// <summary>Writes text of one size, weight and colour. Sizes and places are in units of the canvas.</summary>
internal sealed class TextPen(float size, SKColor color, bool isBold = false)
{
    private const string Ellipsis = "…";

    /// <summary>From one baseline to the next.</summary>
    public float LineHeight => size * 1.4f;

    /// <summary>From the baseline to the top of a capital.</summary>
    public float CapHeight => size * 0.73f;

    public float Measure(string text) => RunsOf(text).Sum(run => WidthOf(run));

    /// <summary>Writes a line.</summary>
    public void Write(SKCanvas canvas, string text, float x, float baseline, TextSide side = TextSide.Left)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        var runs = RunsOf(text);
        var at = side switch
        {
            TextSide.Right => x - runs.Sum(WidthOf),
            TextSide.Middle => x - runs.Sum(WidthOf) / 2,
            _ => x,
        };
        foreach (var run in runs)
        {
            using var font = FontOf(run.Typeface);
            if (run.IsOwn)
            {
                canvas.DrawText(run.Text, at, baseline, SKTextAlign.Left, font, paint);
            }
            else
            {
                // Scripts that join or turn around need their glyphs chosen by context.
                using var shaper = new SKShaper(run.Typeface);
                canvas.DrawShapedText(shaper, run.Text, at, baseline, SKTextAlign.Left, font, paint);
            }

            at += WidthOf(run);
        }
    }

    /// <summary>The text if it fits, else as much of it as fits with an ellipsis.</summary>
    public string Fit(string text, float width)
    {
        if (Measure(text) <= width)
        {
            return text;
        }

        var (low, high) = (0, text.Length);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Measure(text[..middle].TrimEnd() + Ellipsis) <= width ? (middle, high) : (low, middle - 1);
        }

        // Half of a character is none.
        low -= low > 0 && low < text.Length && char.IsLowSurrogate(text[low]) ? 1 : 0;
        return low == 0 ? Ellipsis : text[..low].TrimEnd() + Ellipsis;
    }

    /// <summary>Breaks a text into lines of a width; the last one that is allowed ends with an ellipsis if there is more.</summary>
    public IReadOnlyList<string> Wrap(string text, float width, int maxLines)
    {
        var lines = new List<string>();
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var longer = line.Length == 0 ? word : $"{line} {word}";
                if (line.Length > 0 && Measure(longer) > width)
                {
                    lines.Add(line);
                    line = word;
                }
                else
                {
                    line = longer;
                }
            }

            lines.Add(line);
            if (lines.Count > maxLines)
            {
                break;
            }
        }

        if (lines.Count > maxLines)
        {
            lines.RemoveRange(maxLines, lines.Count - maxLines);
            lines[^1] += Ellipsis;
        }

        return [.. lines.Select(line => Fit(line, width))];
    }

    private SKFont FontOf(SKTypeface typeface) =>
        new(typeface, size) { Subpixel = true, Hinting = SKFontHinting.None, Edging = SKFontEdging.Antialias };

    private float WidthOf((string Text, SKTypeface Typeface, bool IsOwn) run)
    {
        using var font = FontOf(run.Typeface);
        if (run.IsOwn)
        {
            return font.MeasureText(run.Text);
        }

        using var shaper = new SKShaper(run.Typeface);
        return shaper.Shape(run.Text, font).Width;
    }

    private List<(string Text, SKTypeface Typeface, bool IsOwn)> RunsOf(string text)
    {
        var own = isBold ? Typefaces.Bold : Typefaces.Regular;
        var runs = new List<(string, SKTypeface, bool)>();
        var run = new StringBuilder();
        SKTypeface? current = null;
        foreach (var rune in text.EnumerateRunes())
        {
            var shown = Rune.IsControl(rune) ? new Rune(' ') : rune;
            // A space belongs to the words around it.
            var typeface = Rune.IsWhiteSpace(shown) && current is not null ? current : Typefaces.Of(shown.Value, isBold);
            if (current is not null && typeface != current)
            {
                runs.Add((run.ToString(), current, current == own));
                run.Clear();
            }

            current = typeface;
            run.Append(shown.ToString());
        }

        if (current is not null)
        {
            runs.Add((run.ToString(), current, current == own));
        }

        return runs;
    }
}
