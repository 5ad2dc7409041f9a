using System.ComponentModel.DataAnnotations;

namespace Platform.Dashboards;

/// <summary>How dashboards keep and share what they read.</summary>
internal sealed class DashboardsOptions
{
    public const string SectionName = "Dashboards";

    /// <summary>How long a result is fresh where the dashboard's own <c>config.refresh</c> says nothing, in seconds.</summary>
    [Range(0, 86_400)]
    public int FreshSeconds { get; set; } = 60;

    /// <summary>How long a result that is no longer fresh is still shown while a new one is fetched, in seconds.</summary>
    [Range(0, 86_400)]
    public int StaleSeconds { get; set; } = 600;

    /// <summary>How many megabytes of results a node keeps.</summary>
    [Range(1, 100_000)]
    public int CacheMegabytes { get; set; } = 64;

    /// <summary>How many queries of widgets a node runs at once.</summary>
    [Range(1, 1000)]
    public int ConcurrentQueries { get; set; } = 16;

    /// <summary>How many pictures (PNG, PDF) a node draws at once.</summary>
    [Range(1, 64)]
    public int ConcurrentExports { get; set; } = 2;

    /// <summary>How long a picture may take, its wait included, in seconds.</summary>
    [Range(1, 600)]
    public int ExportSeconds { get; set; } = 30;

    /// <summary>How large a PNG may be, in millions of pixels.</summary>
    [Range(1, 200)]
    public int ExportMegapixels { get; set; } = 30;

    /// <summary>How many rows of a table a PDF holds.</summary>
    [Range(1, 100_000)]
    public int ExportPdfRows { get; set; } = 2000;

    /// <summary>How many mails of alerts one person gets in an hour; what is beyond is not sent, and says so.</summary>
    [Range(0, 10_000)]
    public int AlertMailsPerHour { get; set; } = 30;

    /// <summary>
    /// Where people open a board, with <c>{id}</c> for its id; mails link to it. Without it mails name the board and link nowhere.
    /// </summary>
    [RegularExpression(@"https?://.*\{id\}.*")]
    public string? BoardUrl { get; set; }

    /// <summary>
    /// Where a CDN is told to forget public boards that changed, by their surrogate keys. Without it a CDN may keep nothing unasked.
    /// </summary>
    [Url]
    public string? CdnPurgeUrl { get; set; }

    /// <summary>What the CDN is shown as a bearer token.</summary>
    public string? CdnPurgeToken { get; set; }

    /// <summary>How long a CDN that is told of changes may keep a public board, in seconds.</summary>
    [Range(1, 86_400)]
    public int CdnSeconds { get; set; } = 300;

    /// <summary>The link to a board, or null.</summary>
    public string? LinkTo(Guid dashboardId) => BoardUrl?.Replace("{id}", dashboardId.ToString(), StringComparison.Ordinal);
}
