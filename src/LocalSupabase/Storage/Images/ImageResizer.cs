using SkiaSharp;

namespace Platform.LocalSupabase.Storage.Images;

/// <summary>Decodes, turns upright, resizes and encodes one image. Never makes it larger than it is.</summary>
internal static class ImageResizer
{
    private const int DefaultQuality = 80;
    private static readonly SKSamplingOptions Sampling = new(SKFilterMode.Linear, SKMipmapMode.Linear);

    /// <summary>The formats that are read. Others are refused before a pixel is decoded.</summary>
    private static readonly SKEncodedImageFormat[] Readable =
    [
        SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Gif,
        SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Ico,
    ];

    /// <summary>The image as asked for, in the format that the transform names, else in WebP where the client takes it.</summary>
    /// <exception cref="StorageException">It is no image that can be read, or has too many pixels.</exception>
    public static (byte[] Content, string MimeType) Resize(byte[] source, ImageTransform transform, bool takesWebp, long maxPixels)
    {
        using var data = SKData.CreateCopy(source);
        using var codec = SKCodec.Create(data);
        if (codec is null || !Readable.Contains(codec.EncodedFormat))
        {
            throw StorageException.InvalidRequest("The object is not an image that can be transformed");
        }

        if ((long)codec.Info.Width * codec.Info.Height > maxPixels)
        {
            throw StorageException.InvalidRequest("The image has too many pixels to be transformed");
        }

        using var upright = Decode(codec, transform);
        using var resized = Draw(upright, transform);
        var format = FormatOf(codec.EncodedFormat, transform.Format, takesWebp);
        using var encoded = resized.Encode(format, transform.Quality ?? DefaultQuality);
        return (encoded.ToArray(), MimeTypeOf(format));
    }

    private static SKImage Decode(SKCodec codec, ImageTransform transform)
    {
        var turned = codec.EncodedOrigin >= SKEncodedOrigin.LeftTop;
        var (width, height) = turned ? (codec.Info.Height, codec.Info.Width) : (codec.Info.Width, codec.Info.Height);
        var scale = ScaleFor(width, height, transform);
        // A JPEG can be decoded at a fraction of its size for a fraction of the work.
        var size = codec.GetScaledDimensions((float)Math.Max(scale.X, scale.Y));
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Premul, SKColorSpace.CreateSrgb());
        using var bitmap = new SKBitmap(info);
        var result = codec.GetPixels(info, bitmap.GetPixels());
        if (result is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
        {
            throw StorageException.InvalidRequest("The object is not an image that can be transformed");
        }

        bitmap.SetImmutable();
        using var image = SKImage.FromBitmap(bitmap);
        return Turn(image, codec.EncodedOrigin);
    }

    private static SKImage Turn(SKImage image, SKEncodedOrigin origin)
    {
        var turned = origin >= SKEncodedOrigin.LeftTop;
        var (width, height) = turned ? (image.Height, image.Width) : (image.Width, image.Height);
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul, SKColorSpace.CreateSrgb()));
        surface.Canvas.SetMatrix(MatrixOf(origin, width, height));
        surface.Canvas.DrawImage(image, 0, 0);
        return surface.Snapshot();
    }

    // Where the first row and column of the stored pixels belong (EXIF 2.32, tag 274).
    private static SKMatrix MatrixOf(SKEncodedOrigin origin, float width, float height) => origin switch
    {
        SKEncodedOrigin.TopRight => new SKMatrix(-1, 0, width, 0, 1, 0, 0, 0, 1),
        SKEncodedOrigin.BottomRight => new SKMatrix(-1, 0, width, 0, -1, height, 0, 0, 1),
        SKEncodedOrigin.BottomLeft => new SKMatrix(1, 0, 0, 0, -1, height, 0, 0, 1),
        SKEncodedOrigin.LeftTop => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightTop => new SKMatrix(0, -1, width, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightBottom => new SKMatrix(0, -1, width, -1, 0, height, 0, 0, 1),
        SKEncodedOrigin.LeftBottom => new SKMatrix(0, 1, 0, -1, 0, height, 0, 0, 1),
        _ => SKMatrix.Identity,
    };

    private static SKImage Draw(SKImage image, ImageTransform transform)
    {
        var scale = ScaleFor(image.Width, image.Height, transform);
        var (width, height) = (Side(image.Width * scale.X), Side(image.Height * scale.Y));
        var crops = transform.Fit == ImageFit.Cover;
        var (shownWidth, shownHeight) = crops
            ? (Math.Min(width, transform.Width ?? width), Math.Min(height, transform.Height ?? height))
            : (width, height);
        using var surface = SKSurface.Create(
            new SKImageInfo(shownWidth, shownHeight, SKColorType.Rgba8888, SKAlphaType.Premul, SKColorSpace.CreateSrgb()));
        var target = SKRect.Create((shownWidth - width) / 2f, (shownHeight - height) / 2f, width, height);
        surface.Canvas.DrawImage(image, target, Sampling);
        return surface.Snapshot();
    }

    private static (double X, double Y) ScaleFor(int width, int height, ImageTransform transform)
    {
        var x = Math.Min(1.0, (double)(transform.Width ?? width) / width);
        var y = Math.Min(1.0, (double)(transform.Height ?? height) / height);
        var uniform = (transform.Width, transform.Height, transform.Fit) switch
        {
            (not null, not null, ImageFit.Cover) => Math.Max(x, y),
            (_, _, ImageFit.Fill) when transform.Width is not null && transform.Height is not null => (double?)null,
            _ => Math.Min(x, y),
        };
        return uniform is { } both ? (both, both) : (x, y);
    }

    private static int Side(double pixels) => Math.Max(1, (int)Math.Round(pixels));

    private static SKEncodedImageFormat FormatOf(SKEncodedImageFormat source, string? asked, bool takesWebp) => asked switch
    {
        "jpeg" => SKEncodedImageFormat.Jpeg,
        "png" => SKEncodedImageFormat.Png,
        "webp" => SKEncodedImageFormat.Webp,
        null when takesWebp => SKEncodedImageFormat.Webp,
        _ => source is SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp ? source : SKEncodedImageFormat.Png,
    };

    private static string MimeTypeOf(SKEncodedImageFormat format) => format switch
    {
        SKEncodedImageFormat.Jpeg => "image/jpeg",
        SKEncodedImageFormat.Webp => "image/webp",
        _ => "image/png",
    };
}
