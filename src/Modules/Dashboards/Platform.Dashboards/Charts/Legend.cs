using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>The names of the series with their colours, in lines above a chart.</summary>
internal static class Legend
{
    private const float Size = 11;
    private const float Swatch = 10;
    private const float Gap = 18;
    private const float MaxName = 180;
    private const int MaxLines = 2;

    /// <summary>Draws the legend and returns the space that is left below it.</summary>
    public static SKRect Draw(SKCanvas canvas, SKRect area, IReadOnlyList<string> names, ChartTheme theme)
    {
        var pen = new TextPen(Size, theme.Muted);
        using var paint = new SKPaint { IsAntialias = true };
        var (x, y, line) = (area.Left, area.Top, 1);
        for (var index = 0; index < names.Count; index++)
        {
            var name = pen.Fit(names[index], Math.Min(MaxName, area.Width - Swatch - 6));
            var width = Swatch + 6 + pen.Measure(name);
            if (x > area.Left && x + width > area.Right)
            {
                if (line == MaxLines)
                {
                    pen.Write(canvas, $"+{names.Count - index}", Math.Min(x, area.Right - 24), y + Swatch);
                    break;
                }

                (x, y, line) = (area.Left, y + pen.LineHeight + 2, line + 1);
            }

            paint.Color = theme.SeriesAt(index);
            canvas.DrawRoundRect(x, y + 0.5f, Swatch, Swatch, 3, 3, paint);
            pen.Write(canvas, name, x + Swatch + 6, y + Swatch - 0.5f);
            x += width + Gap;
        }

        return area with { Top = y + pen.LineHeight + 8 };
    }
}
