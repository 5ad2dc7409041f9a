using System.Globalization;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>Boards and widgets as PDF, drawn as lines and text, on pages of A4 (in points, 72 an inch).</summary>
internal sealed class PdfBook
{
    private const float Short = 595;
    private const float Long = 842;
    private const float Margin = 32;
    private const float Footer = 26;

    private readonly List<(float Width, float Height, Action<SKCanvas> Draw)> _pages = [];
    private readonly ChartTheme _theme;
    private readonly PictureRequest _request;
    private readonly CancellationToken _cancellationToken;

    private PdfBook(PictureRequest request, CancellationToken cancellationToken) =>
        (_theme, _request, _cancellationToken) = (ChartTheme.Of(request.IsDark), request, cancellationToken);

    /// <summary>A board: its sheet on as many pages as it takes, then the tables that did not fit.</summary>
    public static byte[] Board(BoardPicture board, PictureRequest request, CancellationToken cancellationToken)
    {
        var book = new PdfBook(request, cancellationToken);
        book.AddSheet(new BoardSheet(board));
        foreach (var widget in board.Widgets.Where(IsCut))
        {
            book.AddTable(widget);
        }

        return book.Write(board.Name, board.AsOf);
    }

    /// <summary>One widget: a table on as many pages as its rows take, anything else on one.</summary>
    public static byte[] Widget(
        WidgetPicture widget, string boardName, DateTimeOffset asOf, PictureRequest request, CancellationToken cancellationToken)
    {
        var book = new PdfBook(request, cancellationToken);
        if (widget is { Type: "table", Result: not null })
        {
            book.AddTable(widget);
        }
        else
        {
            book.AddCard(widget);
        }

        return book.Write(widget.Title is { } title ? $"{boardName}: {title}" : boardName, asOf);
    }

    // A table's card on the board shows what fits.
    private static bool IsCut(WidgetPicture widget) =>
        widget is { Type: "table", Result: not null }
        && TableDrawing.CountOf(widget) > TableDrawing.FittingRows(BoardSheet.SizeOf(widget).Height - (widget.Title is null ? 28 : 58));

    private void AddSheet(BoardSheet sheet)
    {
        const float scale = Long / BoardSheet.Width;
        const float usable = (Short - Footer) / scale;
        var rows = (int)((usable - 16) / BoardSheet.RowHeight);
        var pages = sheet.PagesOf((int)((usable - sheet.HeaderHeight) / BoardSheet.RowHeight), rows).DefaultIfEmpty((From: 0, To: 0)).ToList();
        for (var index = 0; index < pages.Count; index++)
        {
            var ((from, to), top) = (pages[index], index == 0 ? sheet.HeaderHeight : 16);
            var isFirst = index == 0;
            var height = Math.Max(Short, (top + (to - from) * BoardSheet.RowHeight) * scale + Footer);
            _pages.Add((Long, height, canvas =>
            {
                canvas.Scale(scale);
                if (isFirst)
                {
                    sheet.DrawHeader(canvas, _theme);
                }

                sheet.DrawRows(canvas, _theme, top, from, to, _cancellationToken);
            }
            ));
        }
    }

    private void AddCard(WidgetPicture widget)
    {
        // Drawn a little larger than life: a page is wider than most cards.
        const float scale = 0.9f;
        _pages.Add((Long, Short, canvas =>
        {
            canvas.Scale(scale);
            var card = new SKRect(Margin / scale, Margin / scale, (Long - Margin) / scale, (Short - Footer - 10) / scale);
            WidgetCard.Draw(canvas, card, widget, _theme);
        }
        ));
    }

    private void AddTable(WidgetPicture widget)
    {
        var shown = widget.ColumnsOf("columns") is { Count: > 0 } names ? names.Count : widget.Result!.Columns.Count;
        const float scale = 0.78f;
        var (width, height) = shown > 6 ? (Long, Short) : (Short, Long);
        var area = new SKRect(Margin / scale, (Margin + 30) / scale, (width - Margin) / scale, (height - Footer - 12) / scale);
        var all = TableDrawing.CountOf(widget);
        var rows = Math.Min(all, _request.MaxRows);
        var fitting = TableDrawing.FittingRows(area.Height);
        var note = rows < all || widget.Result!.Truncated ? $"The first {rows.ToString("#,##0", CultureInfo.InvariantCulture)} rows" : null;
        for (var from = 0; from == 0 || from < rows; from += fitting)
        {
            var first = from;
            _pages.Add((width, height, canvas =>
            {
                canvas.Scale(scale);
                var title = new TextPen(16, _theme.Text, isBold: true);
                title.Write(canvas, title.Fit(widget.Title ?? "Table", area.Width - 160), area.Left, area.Top - 20);
                if (note is not null)
                {
                    new TextPen(11.5f, _theme.Muted).Write(canvas, note, area.Right, area.Top - 20, TextSide.Right);
                }

                TableDrawing.Draw(canvas, area, widget, _theme, first, Math.Min(fitting, rows - first));
            }
            ));
        }
    }

    private byte[] Write(string title, DateTimeOffset asOf)
    {
        using var stream = new MemoryStream();
        var metadata = SKDocumentPdfMetadata.Default;
        (metadata.Title, metadata.Creator, metadata.Creation, metadata.Modified) = (title, "Platform", asOf.UtcDateTime, asOf.UtcDateTime);
        using (var document = SKDocument.CreatePdf(stream, metadata))
        {
            for (var index = 0; index < _pages.Count; index++)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                var (width, height, draw) = _pages[index];
                var canvas = document.BeginPage(width, height);
                if (_request.IsDark)
                {
                    canvas.Clear(_theme.Page);
                }

                canvas.Save();
                draw(canvas);
                canvas.Restore();
                WriteFooter(canvas, width, height, title, $"{index + 1} / {_pages.Count}", asOf);
                document.EndPage();
            }

            document.Close();
        }

        return stream.ToArray();
    }

    private void WriteFooter(SKCanvas canvas, float width, float height, string title, string page, DateTimeOffset asOf)
    {
        var pen = new TextPen(8, _theme.Muted);
        var left = string.Create(CultureInfo.InvariantCulture, $"{title}  ·  data as of {asOf.UtcDateTime:d MMM yyyy HH:mm} UTC");
        pen.Write(canvas, pen.Fit(left, width - 2 * Margin - 60), Margin, height - 12);
        pen.Write(canvas, page, width - Margin, height - 12, TextSide.Right);
    }
}
