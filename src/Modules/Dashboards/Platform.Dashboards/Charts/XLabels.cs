using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>The x axis of a chart and its labels: level where they fit, else slanted, else only some of them.</summary>
internal sealed record XLabels(AxisTicks Axis, float Height, bool IsSlanted, int Every)
{
    private const float MaxWidth = 150;
    private const float MaxSlanted = 100;
    private const float Angle = -35;

    /// <summary>Lays the labels out for a plot of a width.</summary>
    public static XLabels Of(ChartData data, float width, TextPen pen, ValueFormat format)
    {
        var level = pen.LineHeight + 10;
        if (data.Kind == AxisKind.Category)
        {
            return OfCategories(data.Categories, width, pen, level);
        }

        var values = data.Series.SelectMany(series => series.Xs).ToList();
        var most = (int)Math.Clamp(width / 90, 2, 12);
        var axis = data.Kind == AxisKind.Time
            ? AxisTicks.Times(values, most)
            : AxisTicks.Numbers(values, withZero: false, most, (format with { Unit = null, NumberFormat = ValueFormat.Plain }).Short(values).Number);
        return new XLabels(axis, level, false, 1);
    }

    /// <summary>Writes the labels below the plot, none of them further left than <paramref name="left"/>.</summary>
    public void Write(SKCanvas canvas, SKRect plot, TextPen pen, float left)
    {
        for (var index = 0; index < Axis.Marks.Count; index += Every)
        {
            var mark = Axis.Marks[index];
            var x = plot.Left + (float)((mark.Value - Axis.Low) / (Axis.High - Axis.Low)) * plot.Width;
            if (IsSlanted)
            {
                canvas.Save();
                canvas.RotateDegrees(Angle, x, plot.Bottom + 12);
                pen.Write(canvas, pen.Fit(mark.Label, Math.Min(MaxSlanted, (x - left) * 1.2f)), x + 3, plot.Bottom + 14, TextSide.Right);
                canvas.Restore();
            }
            else
            {
                var half = pen.Measure(mark.Label) / 2;
                var (least, most) = (Math.Min(plot.Left - 10 + half, x), Math.Max(plot.Right + 8 - half, plot.Left));
                // The first and last stay within the plot's width and what is left of it.
                pen.Write(canvas, mark.Label, Math.Clamp(x, least, most), plot.Bottom + 18, TextSide.Middle);
            }
        }
    }

    private static XLabels OfCategories(IReadOnlyList<string> categories, float width, TextPen pen, float level)
    {
        var slot = width / Math.Max(1, categories.Count);
        var isLevel = categories.All(category => pen.Measure(category) <= slot - 6) || slot >= MaxWidth;
        var labels = categories.Select((category, index) => new AxisTick(index, isLevel ? pen.Fit(category, slot - 6) : category)).ToList();
        var axis = new AxisTicks(-0.5, categories.Count - 0.5, labels);
        if (isLevel)
        {
            return new XLabels(axis, level, false, 1);
        }

        var longest = labels.Max(label => Math.Min(MaxSlanted, pen.Measure(label.Label)));
        return new XLabels(axis, (float)(longest * Math.Sin(-Angle * Math.PI / 180)) + 20, true, Math.Max(1, (int)Math.Ceiling(16 / slot)));
    }
}
