using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>One run of the server. All members but <see cref="Exited"/> belong to the thread that started it.</summary>
internal sealed class ServerProcess : IDisposable
{
    /// <summary>The code of a failure where somebody killed the server while it started.</summary>
    public const string Killed = "postgres_killed";

    // 128 and the number of SIGKILL, as shells and the runtime report it.
    private const int KilledExitCode = 128 + LibC.SignalKill;
    private const long LargeLog = 16 * 1024 * 1024;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly ServerPlan _plan;
    private readonly ManualResetEvent _exited = new(initialState: false);
    private readonly Stopwatch _running = Stopwatch.StartNew();
    private readonly long _logStart;

    private ServerProcess(Process process, ServerPlan plan, long logStart)
    {
        _process = process;
        _plan = plan;
        _logStart = logStart;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _exited.Set();
    }

    public WaitHandle Exited => _exited;

    public int ExitCode => _process.ExitCode;

    public TimeSpan Uptime => _running.Elapsed;

    /// <summary>
    /// Starts the server as a child of the calling thread, which must live as long as the server should: the kernel sends it the
    /// "fast shutdown" signal when that thread ends, so that even kill -9 of the Host stops it cleanly.
    /// </summary>
    public static ServerProcess Start(ServerPlan plan, int port)
    {
        var logStart = PrepareLog(plan.LogPath);
        var chain = new List<string> { "setsid" };          // Ctrl+C in a terminal is for the Host, which still needs the server to drain
        if (plan.CanTieToThread)
        {
            chain.AddRange(plan.User.IsOurselves ? ["setpriv"] : plan.User.Prefix());
            chain.Add("--pdeathsig=INT");
            chain.Add("--");
        }

        chain.Add(plan.Binaries.Server);
        chain.AddRange(ServerSettings.Arguments(plan.ClusterDirectory, port, plan.Settings));

        // Every program in the chain replaces the one before it, so the child's id is the server's own. The log is opened before the
        // rights are dropped and is a file, not a pipe: a server that outlives its Host can still write it.
        var start = Command.StartInfo("/bin/sh", ["-c", "umask 077; exec \"$@\" </dev/null >>\"$0\" 2>&1", plan.LogPath, .. chain]);
        return new ServerProcess(Process.Start(start)!, plan, logStart);
    }

    /// <summary>Waits until the server accepts connections; false when it ended instead.</summary>
    public bool WaitUntilReady(TimeSpan timeout, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && _running.Elapsed < timeout)
        {
            if (PostmasterFile.Read(_plan.ClusterDirectory) is { IsReady: true } file && file.ProcessId == _process.Id)
            {
                return true;
            }

            if (_exited.WaitOne(PollInterval))
            {
                return false;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new LocalSupabaseException(
            "postgres_start_failed",
            $"PostgreSQL was not ready after {timeout.TotalSeconds:0} s (it may still be recovering from a crash).",
            $"Look at {_plan.LogPath}, and start again.");
    }

    /// <summary>Stops the server: at once for clients, cleanly for data; ever more firmly when it hesitates.</summary>
    public void Stop(ILogger logger)
    {
        foreach (var (signal, patience) in new[] { (LibC.SignalInterrupt, 10.0), (LibC.SignalQuit, 5.0), (LibC.SignalKill, 5.0) })
        {
            if (_process.HasExited)
            {
                return;
            }

            _ = LibC.Kill(_process.Id, signal);
            if (_exited.WaitOne(TimeSpan.FromSeconds(patience)))
            {
                return;
            }

            logger.StopIsSlow(signal, patience);
        }
    }

    /// <summary>Why the server ended before it was ready, from what it wrote and from the disk's state.</summary>
    public LocalSupabaseException Failure()
    {
        var output = LastLines();
        if (output.Contains("No space left on device", StringComparison.Ordinal)
            || DataDirectory.IsFull(_plan.ClusterDirectory) || DataDirectory.IsFull(Path.GetDirectoryName(_plan.LogPath)!))
        {
            return DataDirectory.Full(_plan.ClusterDirectory);
        }

        var problem = $"PostgreSQL ended while it started (exit code {ExitCode}): {output}";
        var next = $"Look at {_plan.LogPath}, correct what it complains about, and start again.";
        return new LocalSupabaseException(ExitCode == KilledExitCode ? Killed : "postgres_start_failed", problem, next);
    }

    public void Dispose()
    {
        _process.Dispose();
        _exited.Dispose();
    }

    private static long PrepareLog(string path)
    {
        var log = new FileInfo(path);
        if (!log.Exists)
        {
            return 0;
        }

        if (log.Length < LargeLog)
        {
            return log.Length;
        }

        File.Move(path, $"{path}.1", overwrite: true);
        return 0;
    }

    private string LastLines()
    {
        try
        {
            using var stream = new FileStream(_plan.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(Math.Max(_logStart, stream.Length - 4096), SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd().Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "(no log)";
        }
    }
}
