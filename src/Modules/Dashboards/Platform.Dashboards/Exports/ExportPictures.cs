using Microsoft.Extensions.Options;
using Platform.Dashboards.Charts;

namespace Platform.Dashboards.Exports;

/// <summary>Makes files of pictures: reads the data as the widgets do, then draws.</summary>
internal sealed class ExportPictures(PictureReader reader, PictureStudio studio, IOptions<DashboardsOptions> options)
{
    private const int BoardWidth = 2160;

    public static string MediaTypeOf(string format) => format == ExportQuery.Png ? "image/png" : "application/pdf";

    /// <summary>A board as PNG or PDF.</summary>
    public async Task<byte[]> BoardAsync(BoardToDraw board, ExportQuery query, string format, CancellationToken cancellationToken)
    {
        var request = query.ToPicture(BoardWidth, options.Value);
        var picture = await reader.ReadAsync(board, query.ToViewerRequest(), cancellationToken);
        return await studio.DrawAsync(
            token => format == ExportQuery.Png ? PictureFile.Board(picture, request, token) : PdfBook.Board(picture, request, token),
            cancellationToken);
    }

    /// <summary>The one widget that was read as PNG or PDF.</summary>
    public async Task<byte[]> WidgetAsync(BoardToDraw board, ExportQuery query, string format, int width, CancellationToken cancellationToken)
    {
        var request = query.ToPicture(width, options.Value);
        var picture = await reader.ReadAsync(board, query.ToViewerRequest(), cancellationToken);
        var widget = picture.Widgets[0];
        return await studio.DrawAsync(
            token => format == ExportQuery.Png
                ? PictureFile.Widget(widget, request)
                : PdfBook.Widget(widget, board.Name, picture.AsOf, request, token),
            cancellationToken);
    }
}
