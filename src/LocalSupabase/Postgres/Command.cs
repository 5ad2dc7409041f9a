using System.Diagnostics;

namespace Platform.LocalSupabase.Postgres;

/// <summary>Short programs that prepare the server. Blocking, since they run on the server's own thread.</summary>
internal static class Command
{
    public sealed record Outcome(int ExitCode, string Output)
    {
        public bool Succeeded => ExitCode == 0;
    }

    /// <summary>Runs a program to its end; exit code 127 when there is no such program.</summary>
    public static Outcome Run(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        // The shell merges both outputs into one pipe, so that reading cannot dead-lock and lines keep their order.
        var start = StartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null 2>&1", "sh", .. arguments]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        using var registration = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        return new Outcome(process.ExitCode, output.Trim());
    }

    /// <summary>
    /// A start with an environment of its own: the Host's may hold provider keys, which the server's user has no business to see,
    /// and PG* variables would bend what the server does.
    /// </summary>
    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        return start;
    }
}
