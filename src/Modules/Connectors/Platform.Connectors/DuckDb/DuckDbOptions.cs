using System.ComponentModel.DataAnnotations;

namespace Platform.Connectors.DuckDb;

/// <summary>How much the workers that query files may use.</summary>
internal sealed class DuckDbOptions
{
    public const string SectionName = "Connectors:DuckDb";

    /// <summary>How many workers may run at once; further queries wait.</summary>
    [Range(1, 64)]
    public int MaxWorkers { get; set; } = 3;

    /// <summary>The memory of one query.</summary>
    [Range(64, 65536)]
    public int MemoryMegabytes { get; set; } = 512;

    /// <summary>The threads of one query.</summary>
    [Range(1, 64)]
    public int Threads { get; set; } = 1;

    /// <summary>After how long a worker that nobody needs ends.</summary>
    [Range(1, 3600)]
    public int IdleSeconds { get; set; } = 60;

    /// <summary>How long a query waits for a worker.</summary>
    [Range(1, 600)]
    public int QueueSeconds { get; set; } = 20;

    /// <summary>The largest file that a worker may write.</summary>
    [Range(1, 1_000_000)]
    public int MaxFileMegabytes { get; set; } = 4096;

    /// <summary>How long the conversion of a file may take.</summary>
    [Range(1, 36000)]
    public int ConversionSeconds { get; set; } = 600;

    /// <summary>How many bytes of files are kept at hand on this node.</summary>
    [Range(1, 10_000_000)]
    public int CacheMegabytes { get; set; } = 4096;

    /// <summary>Where files are worked on; a folder below the system's temporary one if left out.</summary>
    public string? Folder { get; set; }

    /// <summary>The program that has the verb <c>duckdb-worker</c>; the running one if left out.</summary>
    public string? WorkerProgram { get; set; }
}
