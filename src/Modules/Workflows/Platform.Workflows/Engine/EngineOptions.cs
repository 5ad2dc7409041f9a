using System.ComponentModel.DataAnnotations;

namespace Platform.Workflows.Engine;

/// <summary>How a node works executions.</summary>
internal sealed class EngineOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Workflows";

    /// <summary>How many executions a node works at once.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 64;

    /// <summary>How many of them may be of one owner; at most three quarters where left out.</summary>
    [Range(1, 1000)]
    public int? ConcurrencyPerOwner { get; set; }

    /// <summary>How long a claim holds without being prolonged, in seconds: after this time the work of a dead node goes on elsewhere.</summary>
    [Range(2, 300)]
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>How many mails the workflows of one person send within an hour.</summary>
    [Range(0, 1_000_000)]
    public int MailsPerHour { get; set; } = 500;

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    internal int PerOwner => ConcurrencyPerOwner ?? Math.Max(1, Concurrency * 3 / 4);
}
