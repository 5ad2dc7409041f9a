using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Storage.Options;

/// <summary>How the embedded storage service keeps files.</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Storage";

    /// <summary>
    /// The largest object in bytes; a bucket may lower it. Above the 50 MiB of a new Supabase project, so that every upload of a connector
    /// fits.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long FileSizeLimit { get; init; } = 256L * 1024 * 1024;

    /// <summary>Where the bytes are kept: `disk` (the data directory) or `s3`.</summary>
    [AllowedValues("disk", "s3")]
    public string BackEnd { get; init; } = "disk";

    /// <summary>How long an upload in parts may take, in hours.</summary>
    [Range(1, 24 * 365)]
    public int ResumableHours { get; init; } = 24;

    /// <summary>How often files and rows are compared, in minutes; 0 never compares them.</summary>
    [Range(0, 60 * 24 * 365)]
    public int SweepMinutes { get; init; } = 60;

    /// <summary>How old a file without a row must be before a sweep deletes it, in minutes.</summary>
    [Range(1, 60 * 24 * 365)]
    public int SweepGraceMinutes { get; init; } = 60;

    /// <summary>The S3 server, for the back end `s3`.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>The bounds of resized images.</summary>
    public ImageOptions Images { get; init; } = new();

    internal bool UsesS3 => BackEnd == "s3";

    /// <summary>Checks what depends on each other, and the two sections below.</summary>
    /// <param name="validationContext">Not used.</param>
    /// <returns>What is wrong.</returns>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var failures = new List<ValidationResult>();
        Validator.TryValidateObject(Images, new ValidationContext(Images), failures, validateAllProperties: true);
        if (UsesS3 && (string.IsNullOrEmpty(S3.Bucket) || string.IsNullOrEmpty(S3.AccessKey) || string.IsNullOrEmpty(S3.SecretKey)))
        {
            failures.Add(new ValidationResult("the back end s3 needs S3:Bucket, S3:AccessKey and S3:SecretKey."));
        }

        if (UsesS3 && !string.IsNullOrEmpty(S3.ServiceUrl) && !Uri.TryCreate(S3.ServiceUrl, UriKind.Absolute, out _))
        {
            failures.Add(new ValidationResult("S3:ServiceUrl must be a URL."));
        }

        return failures;
    }
}
