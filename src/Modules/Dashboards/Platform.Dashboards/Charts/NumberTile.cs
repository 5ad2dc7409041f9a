using System.Globalization;
using System.Text.Json;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>
/// One figure, as large as its place allows. Config: <c>value</c> (else the first column), <c>compare</c> (a column that the figure is set
/// against; the change stands below it).
/// </summary>
internal sealed class NumberTile : IWidgetDrawing
{
    private const float MaxSize = 56;

    public void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme)
    {
        var format = ValueFormat.Of(widget);
        var table = new ChartTable(widget.Result!);
        UndrawableException.ThrowIf(table.Rows.Count == 0 || table.Columns.Count == 0, "No data");
        var (row, column) = (table.Rows[0], widget.TextOf("value") is { } name ? table.Find(name) : 0);
        var number = ChartTable.NumberOf(row[column]);
        var text = number is { } value ? format.Number(value)
            : row[column].ValueKind == JsonValueKind.Null ? "–"
            : format.Cell(row[column], table.Columns[column]);
        var change = widget.TextOf("compare") is { } other ? ChangeOf(number, ChartTable.NumberOf(row[table.Find(other)]), format, theme) : null;

        var size = Math.Min(MaxSize, (area.Height - (change is null ? 0 : 20)) * 0.62f);
        while (size > 14 && new TextPen(size, theme.Text, isBold: true).Measure(text) > area.Width)
        {
            size *= 0.92f;
        }

        var pen = new TextPen(size, theme.Text, isBold: true);
        var middle = area.MidY + pen.CapHeight / 2 - (change is null ? 0 : 12);
        pen.Write(canvas, pen.Fit(text, area.Width), area.Left, middle);
        if (change is { } shown)
        {
            var small = new TextPen(12.5f, shown.Color);
            small.Write(canvas, small.Fit(shown.Text, area.Width), area.Left, middle + 26);
        }
    }

    private static (string Text, SKColor Color)? ChangeOf(double? now, double? before, ValueFormat format, ChartTheme theme)
    {
        if (now is not { } value || before is not { } past)
        {
            return null;
        }

        var arrow = value > past ? "▲" : value < past ? "▼" : "■";
        var share = past == 0 ? "" : $" ({((value - past) / Math.Abs(past) * 100).ToString("+0.#;-0.#;0", CultureInfo.InvariantCulture)}%)";
        return ($"{arrow} {format.Number(value - past)}{share} against {format.Number(past)}", value < past ? theme.Bad : theme.Muted);
    }
}
