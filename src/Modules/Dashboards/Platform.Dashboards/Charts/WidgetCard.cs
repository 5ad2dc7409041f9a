using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>A widget in its frame: title, and what it shows or why it shows nothing.</summary>
internal static class WidgetCard
{
    private const float Padding = 16;

    public static void Draw(SKCanvas canvas, SKRect frame, WidgetPicture widget, ChartTheme theme)
    {
        using (var paint = new SKPaint { Color = theme.Card, IsAntialias = true })
        {
            canvas.DrawRoundRect(frame, 10, 10, paint);
            paint.Color = theme.Border;
            paint.Style = SKPaintStyle.Stroke;
            paint.StrokeWidth = 1;
            canvas.DrawRoundRect(frame, 10, 10, paint);
        }

        var area = SKRect.Inflate(frame, -Padding, -Padding + 2);
        if (widget.Title is { } title)
        {
            var pen = new TextPen(14, theme.Text, isBold: true);
            pen.Write(canvas, pen.Fit(title.ReplaceLineEndings(" "), area.Width), area.Left, area.Top + 13);
            area.Top += 30;
        }

        canvas.Save();
        canvas.ClipRect(SKRect.Inflate(frame, -1, -1));
        DrawBody(canvas, area, widget, theme);
        canvas.Restore();
    }

    private static void DrawBody(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme)
    {
        if (widget.Failure is { } failure)
        {
            Say(canvas, area, failure, theme.Bad);
            return;
        }

        var drawing = WidgetDrawings.Find(widget.Type);
        if (drawing is null || (widget.Result is null && widget.Type != "text"))
        {
            Say(canvas, area, "No data", theme.Muted);
            return;
        }

        try
        {
            drawing.Draw(canvas, area, widget, theme);
        }
        catch (UndrawableException exception)
        {
            Say(canvas, area, exception.Message, theme.Muted);
        }
    }

    private static void Say(SKCanvas canvas, SKRect area, string sentence, SKColor color)
    {
        var pen = new TextPen(13, color);
        var lines = pen.Wrap(sentence, area.Width, Math.Max(1, (int)(area.Height / pen.LineHeight)));
        var y = area.MidY - (lines.Count - 1) * pen.LineHeight / 2 + pen.CapHeight / 2;
        foreach (var line in lines)
        {
            pen.Write(canvas, line, area.MidX, y, TextSide.Middle);
            y += pen.LineHeight;
        }
    }
}
