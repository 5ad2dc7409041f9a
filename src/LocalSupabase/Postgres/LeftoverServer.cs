using System.Diagnostics;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>
/// Clears away what an earlier run left behind: a server whose Host was killed, backends whose server was killed, and the lock file
/// of a server that is gone. PostgreSQL itself only asks whether the process id exists, so a zombie or a recycled id would keep it
/// from starting. An orphan is stopped and not adopted: a start costs a tenth of a second, and only a child can be watched.
/// </summary>
internal static class LeftoverServer
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>The caller holds the lock of the data directory, so no living Host uses what is ended here.</summary>
    public static void Clear(string clusterDirectory, CancellationToken cancellationToken)
    {
        var lockFile = PostmasterFile.PathIn(clusterDirectory);
        if (!File.Exists(lockFile))
        {
            return;
        }

        if (PostmasterFile.Read(clusterDirectory) is { } server && ProcessTable.WorksIn(server.ProcessId, clusterDirectory))
        {
            // Fast shutdown, then immediate shutdown: neither loses a committed row.
            _ = End([server.ProcessId], clusterDirectory, LibC.SignalInterrupt, TimeSpan.FromSeconds(10), cancellationToken)
                || End([server.ProcessId], clusterDirectory, LibC.SignalQuit, TimeSpan.FromSeconds(5), cancellationToken)
                || End([server.ProcessId], clusterDirectory, LibC.SignalKill, TimeSpan.FromSeconds(5), cancellationToken);
        }

        // Backends notice by themselves that their server died, unless they are stuck in a system call or a tight loop.
        _ = WaitUntilEmpty(clusterDirectory, TimeSpan.FromSeconds(3), cancellationToken)
            || EndAll(clusterDirectory, LibC.SignalQuit, cancellationToken)
            || EndAll(clusterDirectory, LibC.SignalKill, cancellationToken);

        File.Delete(lockFile);
    }

    private static bool EndAll(string clusterDirectory, int signal, CancellationToken cancellationToken) =>
        End(ProcessTable.AllWorkingIn(clusterDirectory), clusterDirectory, signal, TimeSpan.FromSeconds(2), cancellationToken);

    private static bool End(
        IReadOnlyList<int> processIds, string clusterDirectory, int signal, TimeSpan patience, CancellationToken cancellationToken)
    {
        foreach (var processId in processIds)
        {
            _ = LibC.Kill(processId, signal);
        }

        return WaitUntil(
            () => !processIds.Any(processId => ProcessTable.WorksIn(processId, clusterDirectory)), patience, cancellationToken);
    }

    private static bool WaitUntilEmpty(string clusterDirectory, TimeSpan patience, CancellationToken cancellationToken) =>
        WaitUntil(() => ProcessTable.AllWorkingIn(clusterDirectory).Count == 0, patience, cancellationToken);

    private static bool WaitUntil(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (!condition())
        {
            if (waiting.Elapsed > patience)
            {
                return false;
            }

            cancellationToken.ThrowIfCancellationRequested();
            Thread.Sleep(PollInterval);
        }

        return true;
    }
}
