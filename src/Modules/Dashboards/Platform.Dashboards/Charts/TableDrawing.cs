using System.Globalization;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>Rows as a table: those that fit, and how many more there are. Config: <c>columns</c> (else all).</summary>
internal sealed class TableDrawing : IWidgetDrawing
{
    private const float MinColumn = 54;
    private const int Sampled = 200;

    public const float RowHeight = 23;
    public const float HeaderHeight = 27;

    public void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme)
    {
        var rows = CountOf(widget);
        var fitting = FittingRows(area.Height);
        Draw(canvas, area, widget, theme, 0, rows > fitting ? fitting - 1 : rows);
        if (rows > fitting)
        {
            var more = rows - Math.Max(0, fitting - 1);
            new TextPen(11, theme.Muted).Write(
                canvas, $"and {more.ToString("#,##0", CultureInfo.InvariantCulture)} more rows", area.Left, area.Bottom - 6);
        }
    }

    /// <summary>How many rows there are.</summary>
    public static int CountOf(WidgetPicture widget) => widget.Result!.Rows.GetArrayLength();

    /// <summary>How many rows fit below a header.</summary>
    public static int FittingRows(float height) => Math.Max(0, (int)((height - HeaderHeight) / RowHeight));

    /// <summary>Draws some of the rows below a header.</summary>
    public static void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme, int from, int count)
    {
        var table = new ChartTable(widget.Result!);
        var format = ValueFormat.Of(widget);
        IReadOnlyList<int> columns = widget.ColumnsOf("columns") is { Count: > 0 } names
            ? [.. names.Select(table.Find)]
            : [.. Enumerable.Range(0, table.Columns.Count)];
        columns = [.. columns.Take(Math.Max(1, (int)(area.Width / MinColumn)))];
        var (head, body) = (new TextPen(11.5f, theme.Muted, isBold: true), new TextPen(12, theme.Text));
        var widths = WidthsOf(table, columns, format, (head, body), area.Width);
        using var line = new SKPaint { Color = theme.Grid, StrokeWidth = 1, IsAntialias = true };

        void WriteRow(Func<int, string> cell, TextPen pen, float top, float height)
        {
            var x = area.Left;
            for (var index = 0; index < columns.Count; index++)
            {
                var isRight = ChartTable.IsNumeric(table.Columns[columns[index]].Type);
                var text = pen.Fit(cell(columns[index]).ReplaceLineEndings(" "), widths[index] - 14);
                var (at, side) = isRight ? (x + widths[index] - 14, TextSide.Right) : (x, TextSide.Left);
                pen.Write(canvas, text, at, top + height / 2 + pen.CapHeight / 2, side);
                x += widths[index];
            }

            canvas.DrawLine(area.Left, top + height, area.Right, top + height, line);
        }

        WriteRow(column => table.Columns[column].Name, head, area.Top, HeaderHeight);
        for (var row = 0; row < count; row++)
        {
            var cells = table.Rows[from + row];
            WriteRow(column => format.Cell(cells[column], table.Columns[column]), body, area.Top + HeaderHeight + row * RowHeight, RowHeight);
        }
    }

    // Each column gets what its texts want, and all of them together no more than there is.
    private static float[] WidthsOf(ChartTable table, IReadOnlyList<int> columns, ValueFormat format, (TextPen Head, TextPen Body) pens, float width)
    {
        var wanted = columns.Select(column => Math.Clamp(
            table.Rows.Take(Sampled).Select(row => pens.Body.Measure(format.Cell(row[column], table.Columns[column])))
                .Append(pens.Head.Measure(table.Columns[column].Name)).Max() + 26,
            MinColumn, width * 0.6f)).ToArray();
        var scale = width / wanted.Sum();
        return [.. wanted.Select(one => one * scale)];
    }
}
