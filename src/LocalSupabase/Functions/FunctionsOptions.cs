using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Functions;

/// <summary>The embedded Edge Functions.</summary>
public sealed class FunctionsOptions
{
    /// <summary>Where these settings stand.</summary>
    public const string SectionName = "Functions";

    /// <summary>
    /// The folder with a folder for each function; <c>config.toml</c> is read from the folder above it. If left out:
    /// <c>supabase/functions</c> under the current directory, else the one beside the program.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>Deno's program. If left out, it is looked for on the PATH, then in the npm package <c>deno</c>.</summary>
    public string? DenoPath { get; set; }

    /// <summary>Whether functions see a file system of their own (bubblewrap), or only Deno's permissions hold them.</summary>
    public FunctionSandbox Sandbox { get; set; } = FunctionSandbox.Bubblewrap;

    /// <summary>Secrets that every function finds in its environment, by name. They win over those of <c>.env</c>.</summary>
    public Dictionary<string, string> Secrets { get; set; } = [];

    /// <summary>What functions are told their region is.</summary>
    [Required]
    public string Region { get; set; } = "local";

    /// <summary>Whether a changed source is picked up by the next call.</summary>
    public bool HotReload { get; set; } = true;

    /// <summary>The resident memory of one function, in MiB; what takes more is stopped.</summary>
    [Range(64, 65536)]
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>The CPU time that a function may burn without finishing any call, in seconds.</summary>
    [Range(1, 3600)]
    public int CpuSeconds { get; set; } = 2;

    /// <summary>How long a call may go without a sign of life, in seconds, before it is answered with 504.</summary>
    [Range(1, 3600)]
    public int IdleRequestSeconds { get; set; } = 150;

    /// <summary>How long a call may last in all, in seconds.</summary>
    [Range(1, 86400)]
    public int WallClockSeconds { get; set; } = 400;

    /// <summary>How long a function may take to listen, in seconds.</summary>
    [Range(1, 600)]
    public int BootSeconds { get; set; } = 20;

    /// <summary>How long a function without calls keeps its process, in seconds.</summary>
    [Range(1, 86400)]
    public int IdleSeconds { get; set; } = 300;

    /// <summary>The calls of one function that run at once; more are refused.</summary>
    [Range(1, 100000)]
    public int MaxConcurrentCalls { get; set; } = 100;

    /// <summary>The functions that have a process at once; the one that was idle longest makes room.</summary>
    [Range(1, 1000)]
    public int MaxProcesses { get; set; } = 16;

    /// <summary>The largest body of a call, in bytes.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxBodyBytes { get; set; } = 20L * 1024 * 1024;
}
