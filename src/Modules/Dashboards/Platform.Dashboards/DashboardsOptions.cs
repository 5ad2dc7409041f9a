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
}
