using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Rest;

/// <summary>The embedded REST API of the database.</summary>
public sealed class RestOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Rest";

    /// <summary>The schemas that are served, comma-separated; the first is the default.</summary>
    [Required]
    public string Schemas { get; set; } = "public";

    /// <summary>The most rows of one answer.</summary>
    [Range(1, 1000000)]
    public int MaxRows { get; set; } = 1000;

    /// <summary>How long a statement may run, in seconds.</summary>
    [Range(1, 3600)]
    public int StatementTimeoutSeconds { get; set; } = 8;

    /// <summary>The largest body, in bytes.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 10 * 1024 * 1024;
}
