using System.ComponentModel.DataAnnotations;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>Connection strings, one a privilege. The embedded mode fills them in itself.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Database";

    /// <summary>The login that serves people: no right of its own, a member of <c>anon</c> and <c>authenticated</c>.</summary>
    [Required]
    public string Api { get; set; } = "";

    /// <summary>The login of named system jobs: a member of <c>service_role</c>.</summary>
    [Required]
    public string Worker { get; set; } = "";

    /// <summary>The login that owns Hangfire's schema.</summary>
    [Required]
    public string Jobs { get; set; } = "";

    /// <summary>The login that owns the schema and applies migrations.</summary>
    [Required]
    public string Owner { get; set; } = "";

    /// <summary>Whether a transaction pooler stands in between: no statement is prepared then.</summary>
    public bool Pooler { get; set; }

    /// <summary>The most connections of each pool.</summary>
    [Range(2, 500)]
    public int MaxPoolSize { get; set; } = 32;
}
