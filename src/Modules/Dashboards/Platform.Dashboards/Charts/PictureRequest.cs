namespace Platform.Dashboards.Charts;

/// <summary>How a picture is to look, and how large it may be.</summary>
/// <param name="IsDark">Light on dark.</param>
/// <param name="Width">The width of a PNG in pixels.</param>
/// <param name="MaxPixels">The most pixels of a PNG.</param>
/// <param name="MaxRows">The most rows of a table in a PDF.</param>
internal sealed record PictureRequest(bool IsDark, int Width, long MaxPixels, int MaxRows);
