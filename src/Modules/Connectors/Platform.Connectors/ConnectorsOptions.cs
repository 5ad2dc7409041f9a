using System.ComponentModel.DataAnnotations;

namespace Platform.Connectors;

/// <summary>What connectors may cost.</summary>
internal sealed class ConnectorsOptions
{
    public const string SectionName = "Connectors";

    /// <summary>The rows of a result if the caller names no limit.</summary>
    [Range(1, 100_000)]
    public int DefaultRows { get; set; } = 1000;

    /// <summary>The most rows of a result.</summary>
    [Range(1, 1_000_000)]
    public int MaxRows { get; set; } = 10_000;

    /// <summary>The most megabytes of a result.</summary>
    [Range(1, 200)]
    public int MaxResultMegabytes { get; set; } = 16;

    /// <summary>How long a query may take if the caller names no time, in milliseconds.</summary>
    [Range(100, 600_000)]
    public int DefaultTimeoutMs { get; set; } = 30_000;

    /// <summary>How long a query may take at most, in milliseconds.</summary>
    [Range(100, 600_000)]
    public int MaxTimeoutMs { get; set; } = 300_000;

    /// <summary>The largest file that may be uploaded, in megabytes.</summary>
    [Range(1, 10_000)]
    public int MaxUploadMegabytes { get; set; } = 200;

    /// <summary>How often a source that works is asked whether it still does, in seconds; a broken one is asked more rarely.</summary>
    [Range(5, 86400)]
    public int HealthSeconds { get; set; } = 20;

    /// <summary>How old what is known of a source's tables may get before the source is asked again, in seconds.</summary>
    [Range(1, 604800)]
    public int SchemaSeconds { get; set; } = 600;

    /// <summary>How long a sync is its worker's without a sign of life, in seconds.</summary>
    [Range(5, 3600)]
    public int SyncLeaseSeconds { get; set; } = 30;

    /// <summary>After how many starts a sync is given up.</summary>
    [Range(1, 100)]
    public int SyncMaxAttempts { get; set; } = 5;

    /// <summary>How many megabytes of rows a sync holds on this node before it writes them to Storage.</summary>
    [Range(1, 100_000)]
    public int SyncPartMegabytes { get; set; } = 64;

    /// <summary>How many small files, or files that change earlier rows, a dataset may have before they are merged.</summary>
    [Range(2, 1000)]
    public int SyncFilesBeforeMerge { get; set; } = 16;
}
