using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Storage.Options;

/// <summary>How much work resizing an image may be.</summary>
public sealed class ImageOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Storage:Images";

    /// <summary>Whether images are resized.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The largest image that is read, in bytes.</summary>
    [Range(1, 1L << 30)]
    public long MaxSourceBytes { get; init; } = 25L * 1024 * 1024;

    /// <summary>The largest image that is read, in millions of pixels.</summary>
    [Range(1, 1000)]
    public int MaxSourceMegapixels { get; init; } = 50;

    /// <summary>How many images are resized at once; others wait.</summary>
    [Range(1, 256)]
    public int MaxConcurrent { get; init; } = 2;

    /// <summary>How long a request may wait for its image, in seconds.</summary>
    [Range(1, 600)]
    public int TimeoutSeconds { get; init; } = 10;
}
