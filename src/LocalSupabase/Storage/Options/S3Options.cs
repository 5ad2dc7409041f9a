namespace Platform.LocalSupabase.Storage.Options;

/// <summary>The S3 server that keeps the bytes of objects.</summary>
public sealed class S3Options
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Storage:S3";

    /// <summary>The server's URL; Amazon's own if left out.</summary>
    public string? ServiceUrl { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>The bucket on that server. It must exist, and hold nothing else under the prefix.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>What the keys in that bucket begin with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The id of the access key.</summary>
    public string AccessKey { get; init; } = "";

    /// <summary>The secret of the access key.</summary>
    public string SecretKey { get; init; } = "";
}
