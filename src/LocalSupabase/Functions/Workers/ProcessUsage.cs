using System.Globalization;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>What a process has used, from /proc.</summary>
/// <param name="ResidentBytes">Its resident memory.</param>
/// <param name="Cpu">The CPU time of all its threads.</param>
internal readonly record struct ProcessUsage(long ResidentBytes, TimeSpan Cpu)
{
    private const int TicksPerSecond = 100;     // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>Null when the process is gone.</summary>
    public static ProcessUsage? Of(int processId)
    {
        try
        {
            // The name in brackets may hold anything; what counts comes after it.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = Number(fields[11]) + Number(fields[12]);
            return new ProcessUsage(Number(fields[21]) * Environment.SystemPageSize, TimeSpan.FromSeconds((double)ticks / TicksPerSecond));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The first child of a process; null when it has none yet.</summary>
    public static int? ChildOf(int processId)
    {
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var candidate)
                && ParentOf(candidate) == processId)
            {
                return candidate;
            }
        }

        return null;
    }

    private static int? ParentOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return (int)Number(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
