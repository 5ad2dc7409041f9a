using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Storage.Images;

/// <summary>How an image fills the size that was asked for.</summary>
internal enum ImageFit
{
    /// <summary>Fills it, and loses what stands over.</summary>
    Cover,

    /// <summary>Stands in it in full.</summary>
    Contain,

    /// <summary>Is stretched to it.</summary>
    Fill,
}

/// <summary>What is asked of an image: pixels, how it fills them, quality of 20 to 100, and a format where the client insists.</summary>
internal sealed record ImageTransform(int? Width, int? Height, ImageFit Fit, int? Quality, string? Format)
{
    private const int MaxSide = 2500;
    private const int MinQuality = 20;
    private const int MaxQuality = 100;

    private static readonly string[] Formats = ["origin", "jpeg", "png", "webp"];

    /// <summary>From the query of a request.</summary>
    public static ImageTransform Of(HttpRequest request) => Of("querystring", name => request.Query[name].ToString());

    /// <summary>From the body of a request for a signed URL; null when nothing is asked.</summary>
    public static ImageTransform? Of(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return null;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw StorageException.InvalidRequest("body/transform must be object");
        }

        return json.EnumerateObject().Any()
            ? Of("body/transform", name => json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "")
            : null;
    }

    /// <summary>From the text in a signed token, which <see cref="ToString"/> wrote; null when there is none.</summary>
    public static ImageTransform? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var parts = text.Split(',').Select(part => part.Split(':', 2)).Where(part => part.Length == 2).ToDictionary(part => part[0], part => part[1]);
        return Of("token", name => parts.GetValueOrDefault(name == "resize" ? "resizing_type" : name, ""));
    }

    /// <summary>In the notation of the header <c>X-Transformations</c>.</summary>
    public override string ToString() => string.Join(',', new[]
    {
        Height is null ? null : $"height:{Height}",
        Width is null ? null : $"width:{Width}",
        Width is null && Height is null ? null : $"resizing_type:{NameOf(Fit)}",
        Quality is null ? null : $"quality:{Quality}",
        Format is null ? null : $"format:{Format}",
    }.OfType<string>());

    private static ImageTransform Of(string place, Func<string, string> value)
    {
        var format = value("format");
        return format.Length == 0 || Formats.Contains(format)
            ? new ImageTransform(
                Number(place, value, "width", 1, MaxSide), Number(place, value, "height", 1, MaxSide), FitOf(place, value("resize")),
                Number(place, value, "quality", MinQuality, MaxQuality), format.Length == 0 ? null : format)
            : throw StorageException.InvalidRequest($"{place}/format must be equal to one of the allowed values");
    }

    private static int? Number(string place, Func<string, string> value, string name, int least, int most)
    {
        var text = value(name);
        if (text.Length == 0)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw StorageException.InvalidRequest($"{place}/{name} must be {least} to {most}");
    }

    // The names of the header differ from those of the query, and tokens hold the former.
    private static ImageFit FitOf(string place, string text) => text switch
    {
        "" or "cover" => ImageFit.Cover,
        "contain" or "fit" => ImageFit.Contain,
        "fill" when place != "token" => ImageFit.Fill,
        "fill" => ImageFit.Cover,
        "force" => ImageFit.Fill,
        _ => throw StorageException.InvalidRequest($"{place}/resize must be equal to one of the allowed values"),
    };

    private static string NameOf(ImageFit fit) => fit switch
    {
        ImageFit.Contain => "fit",
        ImageFit.Fill => "force",
        _ => "fill",
    };
}
