using System.Globalization;
using ScottPlot;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>
/// Shares of a whole as a ring, with names, values and shares beside it. Config: <c>label</c> (else the first column), <c>value</c> (else
/// the first column of numbers). Small shares beyond the tenth are put together; what is not above zero has no share.
/// </summary>
internal sealed class PieChart : IWidgetDrawing
{
    private const int MaxSlices = 10;

    public void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme)
    {
        var format = ValueFormat.Of(widget);
        var slices = Read(widget, format);
        format = format.Short(slices.Select(slice => slice.Value));
        UndrawableException.ThrowIf(slices.Count == 0, "No data");
        var isWide = area.Width > area.Height * 1.25f;
        var ring = isWide ? Math.Min(area.Height, area.Width * 0.48f) : Math.Min(area.Width, area.Height * 0.6f);
        var pie = isWide
            ? SKRect.Create(area.Left, area.MidY - ring / 2, ring, ring)
            : SKRect.Create(area.MidX - ring / 2, area.Top, ring, ring);
        DrawRing(canvas, pie, slices, theme);
        var total = slices.Sum(slice => slice.Value);
        if (ring > 110)
        {
            new TextPen(Math.Min(20, ring / 9), theme.Text, isBold: true)
                .Write(canvas, format.Number(total), pie.MidX, pie.MidY + 6, TextSide.Middle);
        }

        var rest = isWide ? area with { Left = pie.Right + 22 } : area with { Top = pie.Bottom + 14 };
        WriteNames(canvas, rest, slices, total, format, theme);
    }

    private static List<(string Name, double Value)> Read(WidgetPicture widget, ValueFormat format)
    {
        var table = new ChartTable(widget.Result!);
        if (table.Rows.Count == 0)
        {
            return [];
        }

        var label = widget.TextOf("label") is { } name ? table.Find(name) : 0;
        var value = widget.TextOf("value") is { } given
            ? table.Find(given)
            : Enumerable.Range(0, table.Columns.Count).Where(column => column != label && table.HoldsNumbers(column)).DefaultIfEmpty(-1).First();
        UndrawableException.ThrowIf(value < 0, "There is no column of numbers.");
        var all = table.Rows
            .Select(row => (Name: format.Cell(row[label], table.Columns[label]), Value: ChartTable.NumberOf(row[value]) ?? 0))
            .Where(slice => slice.Value > 0).GroupBy(slice => slice.Name.Length == 0 ? "(none)" : slice.Name)
            .Select(group => (Name: group.Key, Value: group.Sum(slice => slice.Value)))
            .OrderByDescending(slice => slice.Value).ToList();
        return all.Count <= MaxSlices
            ? all
            : [.. all.Take(MaxSlices - 1), ($"{all.Count - MaxSlices + 1} others", all.Skip(MaxSlices - 1).Sum(slice => slice.Value))];
    }

    private static void DrawRing(SKCanvas canvas, SKRect area, List<(string Name, double Value)> slices, ChartTheme theme)
    {
        using var plot = new Plot();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Frameless();
        plot.HideGrid();
        plot.HideLegend();
        var pie = plot.Add.Pie([.. slices.Select((slice, index) =>
        {
            var color = theme.SeriesAt(index);
            return new PieSlice(slice.Value, new Color(color.Red, color.Green, color.Blue), "");
        })]);
        pie.DonutFraction = 0.62;
        pie.Rotation = Angle.FromDegrees(-90);
        pie.LineColor = new Color(theme.Card.Red, theme.Card.Green, theme.Card.Blue);
        pie.LineWidth = slices.Count > 1 ? 2 : 0;
        plot.Axes.SetLimits(-1.03, 1.03, -1.03, 1.03);
        plot.Layout.Fixed(new PixelPadding(0));
        canvas.Save();
        plot.Render(canvas, new PixelRect(area.Left, area.Right, area.Bottom, area.Top));
        canvas.Restore();
    }

    private static void WriteNames(
        SKCanvas canvas, SKRect area, List<(string Name, double Value)> slices, double total, ValueFormat format, ChartTheme theme)
    {
        var (pen, strong) = (new TextPen(12, theme.Text), new TextPen(12, theme.Muted));
        var line = Math.Min(24, area.Height / slices.Count);
        using var paint = new SKPaint { IsAntialias = true };
        var y = area.MidY - line * slices.Count / 2;
        if (line < 13)
        {
            Legend.Draw(canvas, area, [.. slices.Select(slice => slice.Name)], theme);
            return;
        }

        // A name counts more than the value that its share says again.
        var isShort = slices.Exists(slice => pen.Measure(slice.Name) + strong.Measure(FigureOf(slice.Value)) + 26 > area.Width);
        string ShareOf(double value) => $"{(value / total * 100).ToString("0.#", CultureInfo.InvariantCulture)}%";
        string FigureOf(double value) => $"{format.Number(value)}  ·  {ShareOf(value)}";
        for (var index = 0; index < slices.Count; index++, y += line)
        {
            var (name, value) = slices[index];
            var figure = isShort ? ShareOf(value) : FigureOf(value);
            paint.Color = theme.SeriesAt(index);
            canvas.DrawRoundRect(area.Left, y + line / 2 - 5, 10, 10, 3, 3, paint);
            var baseline = y + line / 2 + pen.CapHeight / 2;
            var room = area.Width - 16 - strong.Measure(figure) - 10;
            if (room > 40)
            {
                strong.Write(canvas, figure, area.Right, baseline, TextSide.Right);
            }

            pen.Write(canvas, pen.Fit(name, room > 40 ? room : area.Width - 16), area.Left + 16, baseline);
        }
    }
}
