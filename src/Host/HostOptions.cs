using System.ComponentModel.DataAnnotations;

namespace Platform.Host;

/// <summary>The Host itself.</summary>
internal sealed class PlatformHostOptions
{
    public const string SectionName = "Platform";

    /// <summary>Where the embedded mode keeps its cluster, files and secrets.</summary>
    [Required]
    public string DataDirectory { get; set; } = ".data";

    /// <summary>The URL that clients use, where it is not the address that the Host listens on.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Whether a proxy in front ends TLS, so that plain HTTP on a public address is meant.</summary>
    public bool BehindProxy { get; set; }

    /// <summary>Origins that browsers may call the API from, comma-separated; empty means none but the Host's own.</summary>
    public string AllowedOrigins { get; set; } = "";

    /// <summary>The largest JSON body, in bytes. Uploads have limits of their own.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Requests a minute for each person, key or address. If left out: 1,200, and practically no limit while the Host listens on
    /// loopback alone.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>
    /// Whether <c>/playground</c> is there: for development. The Host refuses to start with it where it has a public address, a public URL
    /// or a proxy in front.
    /// </summary>
    public bool Playground { get; set; }
}
