using ScottPlot;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>
/// Draws line, bar, area and scatter. ScottPlot draws the plot; titles, legend and labels are written here, in the product's own type.
/// </summary>
internal sealed class AxisChart : IWidgetDrawing
{
    private const float LabelSize = 11;
    private const float Edge = 6;
    private const float MaxBars = 110;

    public void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme)
    {
        var format = ValueFormat.Of(widget);
        var data = ChartDataReader.Read(widget, format);
        UndrawableException.ThrowIf(!data.HasPoints, "No data");
        if (data.Series.Count > 1)
        {
            area = Legend.Draw(canvas, area, [.. data.Series.Select(series => series.Name)], theme);
        }

        var pen = new TextPen(LabelSize, theme.Muted);
        if (data.Note is { } note)
        {
            pen.Write(canvas, pen.Fit(note, area.Width), area.Right, area.Bottom - 1, TextSide.Right);
            area.Bottom -= pen.LineHeight;
        }

        var values = data.Series.SelectMany(series => series.Ys).ToList();
        var tick = format.Short(values);
        var y = AxisTicks.Numbers(values, widget.Type is "bar" or "area", (int)Math.Clamp(area.Height / 45, 2, 8), tick.Number);
        var left = y.Marks.Max(mark => pen.Measure(mark.Label)) + 10;
        var labels = XLabels.Of(data, area.Width - left - 8, pen, format);
        var plotArea = new SKRect(area.Left + left, area.Top + 6, area.Right - 8, area.Bottom - labels.Height);
        if (plotArea.Width < 20 || plotArea.Height < 20)
        {
            pen.Write(canvas, pen.Fit("Too small to draw", area.Width), area.MidX, area.MidY, TextSide.Middle);
            return;
        }

        DrawPlot(canvas, plotArea, widget.Type, data, (labels.Axis, y), theme);
        foreach (var mark in y.Marks)
        {
            var at = plotArea.Bottom - (float)((mark.Value - y.Low) / (y.High - y.Low)) * plotArea.Height;
            pen.Write(canvas, mark.Label, plotArea.Left - 8, at + pen.CapHeight / 2, TextSide.Right);
        }

        labels.Write(canvas, plotArea, pen, area.Left);
        if (widget.Type == "bar")
        {
            WriteValues(canvas, plotArea, data, (labels.Axis, y), tick, theme);
        }
    }

    private static void DrawPlot(
        SKCanvas canvas, SKRect area, string type, ChartData data, (AxisTicks X, AxisTicks Y) axes, ChartTheme theme)
    {
        using var plot = new Plot();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Frameless();
        plot.HideGrid();
        for (var index = 0; index < data.Series.Count; index++)
        {
            Add(plot, (type, area.Width), data, index, ColorOf(theme.SeriesAt(index)));
        }

        // A little more than the axes, so that a point at the edge is whole.
        var (x, y) = ((axes.X.High - axes.X.Low) / area.Width * Edge, (axes.Y.High - axes.Y.Low) / area.Height * Edge);
        plot.Axes.SetLimits(axes.X.Low - x, axes.X.High + x, axes.Y.Low - y, axes.Y.High + y);
        DrawGrid(canvas, area, axes.Y, theme);
        plot.Layout.Fixed(new PixelPadding(0));
        canvas.Save();
        plot.Render(canvas, new PixelRect(area.Left - Edge, area.Right + Edge, area.Bottom + Edge, area.Top - Edge));
        canvas.Restore();
    }

    private static void Add(Plot plot, (string Type, float Width) chart, ChartData data, int index, Color color)
    {
        var (series, type) = (data.Series[index], chart.Type);
        if (type == "bar")
        {
            var all = Math.Min(0.76, MaxBars * data.Series.Count / (chart.Width / data.Categories.Count));
            var width = all / data.Series.Count;
            var bars = series.Xs.Zip(series.Ys).Where(point => double.IsFinite(point.Second)).Select(point => new Bar
            {
                Position = point.First - all / 2 + width * (index + 0.5),
                Value = point.Second,
                Size = width * (data.Series.Count > 1 ? 0.92 : 1),
                FillColor = color,
                LineWidth = 0,
            });
            plot.Add.Bars(bars.ToArray());
            return;
        }

        foreach (var (xs, ys) in RunsOf(series, isSplit: type != "scatter"))
        {
            if (type == "area" && xs.Length > 1)
            {
                var fill = plot.Add.FillY(xs, new double[ys.Length], ys);
                (fill.FillColor, fill.LineWidth) = (color.WithAlpha(0.22), 0);
                fill.MarkerStyle.IsVisible = false;
            }

            var line = plot.Add.Scatter(xs, ys, color);
            line.LineWidth = type == "scatter" ? 0 : 2;
            line.MarkerSize = type == "scatter" ? 7 : xs.Length == 1 ? 6 : 0;
            if (type == "scatter")
            {
                line.MarkerFillColor = color.WithAlpha(0.75);
            }
        }
    }

    // Nothing is drawn across a gap: what is not known is not a straight line.
    private static IEnumerable<(double[] Xs, double[] Ys)> RunsOf(ChartSeries series, bool isSplit)
    {
        var (xs, ys) = (new List<double>(), new List<double>());
        for (var index = 0; index < series.Xs.Length; index++)
        {
            if (double.IsFinite(series.Ys[index]))
            {
                xs.Add(series.Xs[index]);
                ys.Add(series.Ys[index]);
            }
            else if (isSplit && xs.Count > 0)
            {
                yield return ([.. xs], [.. ys]);
                xs.Clear();
                ys.Clear();
            }
        }

        if (xs.Count > 0)
        {
            yield return ([.. xs], [.. ys]);
        }
    }

    private static void DrawGrid(SKCanvas canvas, SKRect area, AxisTicks axis, ChartTheme theme)
    {
        using var paint = new SKPaint { IsAntialias = true, StrokeWidth = 1, Style = SKPaintStyle.Stroke };
        foreach (var mark in axis.Marks)
        {
            paint.Color = mark.Value == 0 ? theme.Border : theme.Grid;
            var at = area.Bottom - (float)((mark.Value - axis.Low) / (axis.High - axis.Low)) * area.Height;
            canvas.DrawLine(area.Left, at, area.Right, at, paint);
        }
    }

    // A few bars of one series say what they stand for.
    private static void WriteValues(
        SKCanvas canvas, SKRect area, ChartData data, (AxisTicks X, AxisTicks Y) axes, ValueFormat format, ChartTheme theme)
    {
        var slot = area.Width / (float)(axes.X.High - axes.X.Low);
        var pen = new TextPen(10.5f, theme.Text);
        var series = data.Series[0];
        if (data.Series.Count > 1 || series.Ys.Where(double.IsFinite).Max(value => pen.Measure(format.Number(value))) > slot - 4)
        {
            return;
        }

        for (var index = 0; index < series.Ys.Length; index++)
        {
            if (double.IsFinite(series.Ys[index]))
            {
                var x = area.Left + (float)(series.Xs[index] - axes.X.Low) * slot;
                var top = area.Bottom - (float)((series.Ys[index] - axes.Y.Low) / (axes.Y.High - axes.Y.Low)) * area.Height;
                if (series.Ys[index] >= 0)
                {
                    pen.Write(canvas, format.Number(series.Ys[index]), x, Math.Max(top - 4, area.Top + 6), TextSide.Middle);
                }
                else if (top + 12 < area.Bottom)
                {
                    pen.Write(canvas, format.Number(series.Ys[index]), x, top + 12, TextSide.Middle);
                }
            }
        }
    }

    private static Color ColorOf(SKColor color) => new(color.Red, color.Green, color.Blue, color.Alpha);
}
