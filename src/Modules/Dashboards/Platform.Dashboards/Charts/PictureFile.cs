using Platform.SharedKernel.Errors;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>Pictures as PNG.</summary>
internal static class PictureFile
{
    /// <summary>Draws a whole board.</summary>
    /// <param name="board">The board.</param>
    /// <param name="request">How it looks.</param>
    /// <param name="cancellationToken">Ends it between two widgets.</param>
    public static byte[] Board(BoardPicture board, PictureRequest request, CancellationToken cancellationToken)
    {
        var theme = ChartTheme.Of(request.IsDark);
        var sheet = new BoardSheet(board);
        return Png(new SKSize(BoardSheet.Width, sheet.Height), request, theme, canvas =>
        {
            sheet.DrawHeader(canvas, theme);
            sheet.DrawRows(canvas, theme, sheet.HeaderHeight, 0, sheet.Rows, cancellationToken);
        });
    }

    /// <summary>Draws one widget, in the shape that it has on its board.</summary>
    public static byte[] Widget(WidgetPicture widget, PictureRequest request)
    {
        var theme = ChartTheme.Of(request.IsDark);
        var size = BoardSheet.SizeOf(widget);
        return Png(size, request, theme, canvas => WidgetCard.Draw(canvas, SKRect.Inflate(SKRect.Create(size), -6, -6), widget, theme));
    }

    private static byte[] Png(SKSize size, PictureRequest request, ChartTheme theme, Action<SKCanvas> draw)
    {
        var scale = request.Width / size.Width;
        var height = (long)Math.Ceiling(size.Height * scale);
        RuleViolationException.ThrowIf(
            height * request.Width > request.MaxPixels, "export_too_large",
            $"The picture would have {height * request.Width:#,##0} pixels; {request.MaxPixels:#,##0} are allowed. Ask for a smaller width.");
        using var surface = SKSurface.Create(new SKImageInfo(request.Width, (int)height, SKColorType.Rgba8888, SKAlphaType.Premul));
        surface.Canvas.Clear(theme.Page);
        surface.Canvas.Scale(scale);
        draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
