using System.Globalization;

namespace Platform.LocalSupabase.Postgres;

/// <summary>What a server writes about itself into <c>postmaster.pid</c>.</summary>
internal sealed record PostmasterFile(int ProcessId, bool IsReady)
{
    private const int StatusLine = 7;

    public static string PathIn(string clusterDirectory) => Path.Combine(clusterDirectory, "postmaster.pid");

    /// <summary>Null when there is no file or nothing useful in it (a crash can leave it empty).</summary>
    public static PostmasterFile? Read(string clusterDirectory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(PathIn(clusterDirectory));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return lines.Length > 0 && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
            ? new PostmasterFile(processId, lines.Length > StatusLine && lines[StatusLine].Trim() == "ready")
            : null;
    }
}
