using System.Globalization;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>A board laid out on its grid of 24 columns, from top to bottom. Rows that no widget covers take no space.</summary>
internal sealed class BoardSheet
{
    public const float Width = 1440;
    public const float RowHeight = 48;
    private const float Margin = 28;
    private const float Gap = 12;
    private const float ColumnWidth = (Width - 2 * Margin) / 24;

    private readonly BoardPicture _board;
    private readonly IReadOnlyList<(WidgetPicture Widget, int Row)> _widgets;

    public BoardSheet(BoardPicture board)
    {
        _board = board;
        var placed = new List<(WidgetPicture, int)>();
        var (end, left) = (0, 0);
        foreach (var widget in board.Widgets.OrderBy(widget => widget.Place.Y))
        {
            left += Math.Max(0, widget.Place.Y - end);
            end = Math.Max(end, widget.Place.Y + widget.Place.Height);
            placed.Add((widget, widget.Place.Y - left));
        }

        _widgets = placed;
        Rows = end - left;
    }

    /// <summary>How many rows of the grid are drawn.</summary>
    public int Rows { get; }

    /// <summary>The height of the name and what stands below it.</summary>
    public float HeaderHeight => _board.Description is null ? 78 : 100;

    /// <summary>The whole height.</summary>
    public float Height => HeaderHeight + Math.Max(1, Rows) * RowHeight + Margin;

    /// <summary>The size that a widget has on a board.</summary>
    public static SKSize SizeOf(WidgetPicture widget) =>
        new(widget.Place.Width * ColumnWidth - Gap, widget.Place.Height * RowHeight - Gap);

    /// <summary>Writes the board's name, its description and the time of its data.</summary>
    public void DrawHeader(SKCanvas canvas, ChartTheme theme)
    {
        var muted = new TextPen(12.5f, theme.Muted);
        var asOf = string.Create(CultureInfo.InvariantCulture, $"Data as of {_board.AsOf.UtcDateTime:d MMM yyyy HH:mm} UTC");
        var x = Margin + Gap / 2;
        var right = Width - x;
        muted.Write(canvas, asOf, right, 48, TextSide.Right);
        var name = new TextPen(26, theme.Text, isBold: true);
        name.Write(canvas, name.Fit(_board.Name, right - x - muted.Measure(asOf) - 30), x, 50);
        if (_board.Description is { } description)
        {
            var pen = new TextPen(14, theme.Muted);
            pen.Write(canvas, pen.Fit(description.ReplaceLineEndings(" "), right - x), x, 76);
        }
    }

    /// <summary>Draws the widgets that begin within some of the rows.</summary>
    /// <param name="canvas">Where to draw.</param>
    /// <param name="theme">The colours.</param>
    /// <param name="top">Where the first of the rows stands.</param>
    /// <param name="from">The first row.</param>
    /// <param name="to">The row after the last.</param>
    /// <param name="cancellationToken">Ends it between two widgets.</param>
    public void DrawRows(SKCanvas canvas, ChartTheme theme, float top, int from, int to, CancellationToken cancellationToken)
    {
        foreach (var (widget, row) in _widgets.Where(item => item.Row >= from && item.Row < to))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var size = SizeOf(widget);
            var place = SKRect.Create(
                Margin + widget.Place.X * ColumnWidth + Gap / 2, top + (row - from) * RowHeight + Gap / 2, size.Width, size.Height);
            WidgetCard.Draw(canvas, place, widget, theme);
        }
    }

    /// <summary>Parts the rows into pages, between widgets; a page is taller where no line between widgets comes in time.</summary>
    /// <param name="first">How many rows fit on the first page.</param>
    /// <param name="other">How many rows fit on each other.</param>
    public IEnumerable<(int From, int To)> PagesOf(int first, int other)
    {
        var (from, most) = (0, Math.Max(1, first));
        while (from < Rows)
        {
            var to = from + most >= Rows ? Rows : BreakBefore(from, from + most) ?? BreakAfter(from + most);
            yield return (from, to);
            (from, most) = (to, Math.Max(1, other));
        }
    }

    private int? BreakBefore(int from, int most)
    {
        for (var row = most; row > from; row--)
        {
            if (IsBreak(row))
            {
                return row;
            }
        }

        return null;
    }

    private int BreakAfter(int least)
    {
        var row = least;
        while (row < Rows && !IsBreak(row))
        {
            row++;
        }

        return row;
    }

    private bool IsBreak(int row) => _widgets.All(item => item.Row >= row || item.Row + item.Widget.Place.Height <= row);
}
