using System.ComponentModel.DataAnnotations;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>What background work this node does.</summary>
public sealed class JobsOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Jobs";

    /// <summary>Whether this node works at all; a web-only node does not.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The queues that this node works, comma-separated.</summary>
    [Required]
    public string Queues { get; set; } = "syncs,workflows,chat,events,maintenance,default";

    /// <summary>How many Hangfire jobs run at once.</summary>
    [Range(1, 64)]
    public int Workers { get; set; } = 4;

    /// <summary>How long a draining node waits for what runs, in seconds.</summary>
    [Range(1, 300)]
    public int ShutdownSeconds { get; set; } = 15;

    internal string[] QueueNames => Queues.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
