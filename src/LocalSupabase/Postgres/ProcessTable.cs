using System.Globalization;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>What /proc tells about processes that are not our children.</summary>
internal static class ProcessTable
{
    /// <summary>
    /// True when the process is a server of this cluster or one of its backends: all of them work in the cluster's folder. A zombie
    /// works nowhere and a recycled id somewhere else, although both "exist" for whoever only sends signal 0.
    /// </summary>
    public static bool WorksIn(int processId, string directory) =>
        LibC.Look($"/proc/{processId}/cwd") is { } place && place.IsSameFileAs(LibC.Look(directory));

    /// <summary>Every process that works in a folder.</summary>
    public static IReadOnlyList<int> AllWorkingIn(string directory)
    {
        var found = new List<int>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                && WorksIn(processId, directory))
            {
                found.Add(processId);
            }
        }

        return found;
    }
}
