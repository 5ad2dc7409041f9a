using System.Text.Json;
using Platform.Dashboards.Charts;
using Platform.Dashboards.Data;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Exports;

/// <summary>What a download asks for in its query string.</summary>
/// <param name="Format">The kind of file; null for the route's own.</param>
/// <param name="Theme">light or dark, of pictures; null for light.</param>
/// <param name="Width">The width of a PNG in pixels, 200 to 8000; null for the route's own.</param>
/// <param name="Parameters">Values by name, as a JSON object; null for the defaults.</param>
internal readonly record struct ExportQuery(string? Format, string? Theme, int? Width, string? Parameters)
{
    public const string Csv = "csv";
    public const string Json = "json";
    public const string Xlsx = "xlsx";
    public const string Png = "png";
    public const string Pdf = "pdf";
    public const string Light = "light";
    public const string Dark = "dark";
    private const int MinWidth = 200;
    private const int MaxWidth = 8000;

    /// <summary>The kind of file, if it is one of those that the route knows.</summary>
    public string FormatOf(params IReadOnlyList<string> known)
    {
        var format = Format ?? known[0];
        RuleViolationException.ThrowIf(!known.Contains(format), "validation_failed", "$.format", $"Must be {string.Join(", ", known)}.");
        return format;
    }

    /// <summary>The viewer's values.</summary>
    public ViewerRequest ToViewerRequest()
    {
        if (string.IsNullOrEmpty(Parameters))
        {
            return new ViewerRequest(null);
        }

        try
        {
            return DataRequest.Check(new DataRequest(JsonElement.Parse(Parameters)));
        }
        catch (JsonException)
        {
            throw Invalid("$.parameters", "Must be a JSON object.");
        }
    }

    /// <summary>How a picture is to look.</summary>
    public PictureRequest ToPicture(int width, DashboardsOptions options)
    {
        RuleViolationException.ThrowIf(Theme is not (null or Light or Dark), "validation_failed", "$.theme", "Must be light or dark.");
        RuleViolationException.ThrowIf(
            Width is < MinWidth or > MaxWidth, "validation_failed", "$.width", $"Must be from {MinWidth} to {MaxWidth}.");
        return new PictureRequest(Theme == Dark, Width ?? width, options.ExportMegapixels * 1_000_000L, options.ExportPdfRows);
    }

    private static RuleViolationException Invalid(string path, string message) =>
        new("validation_failed", message, new Dictionary<string, string[]> { [path] = [message] });
}
