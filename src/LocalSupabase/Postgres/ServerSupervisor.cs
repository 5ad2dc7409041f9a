using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>
/// Owns the thread on which the server is started, watched, started again after a crash, and stopped. One thread for all of it,
/// because the kernel ties the server's life to the thread that started it: a pool thread may end at any time.
/// </summary>
internal sealed class ServerSupervisor(EmbeddedPostgresOptions options, string superuserPassword, ILogger logger) : IDisposable
{
    private const int MostLaunches = 3;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StableUptime = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers the port when the server is ready; cancelling afterwards has no effect.</summary>
    public async Task<int> StartAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() =>
        {
            if (!_started.Task.IsCompleted)
            {
                _stop.Cancel();
            }
        });
        new Thread(Run) { Name = "PostgreSQL", IsBackground = true }.Start();
        return await _started.Task;
    }

    public Task StopAsync()
    {
        _stop.Cancel();
        return _finished.Task;
    }

    public void Dispose() => _stop.Dispose();

    private void Run()
    {
        try
        {
            var watch = Stopwatch.StartNew();
            var dataDirectory = DataDirectory.Ensure(options.DataDirectory);
            using var directoryLock = DataDirectoryLock.Acquire(dataDirectory);
            var plan = ServerPlan.Prepare(dataDirectory, options, superuserPassword, logger, _stop.Token);
            var (server, port) = StartOnFreePort(plan, dataDirectory);
            logger.ServerIsReady(plan.Binaries.Major, port, watch.ElapsedMilliseconds, plan.ClusterDirectory);
            _started.TrySetResult(port);
            Watch(server, plan, port);
        }
        catch (OperationCanceledException)
        {
            _started.TrySetCanceled(_stop.Token);
        }
        catch (Exception exception)
        {
            // Whoever called StartAsync gets it; after that, Watch lets nothing out.
            _started.TrySetException(exception);
        }
        finally
        {
            _finished.TrySetResult();
        }
    }

    private (ServerProcess Server, int Port) StartOnFreePort(ServerPlan plan, string dataDirectory)
    {
        LeftoverServer.Clear(plan.ClusterDirectory, _stop.Token);
        var state = ClusterState.Load(dataDirectory);
        var port = state.Port != 0 && LoopbackPort.IsFree(state.Port) ? state.Port : LoopbackPort.Pick();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var server = Launch(plan, port);
                SavePort(dataDirectory, state, port, server);
                return (server, port);
            }
            catch (LocalSupabaseException) when (attempt < 10 && !LoopbackPort.IsFree(port))
            {
                // Somebody took the port between our look and the server's.
                port = LoopbackPort.Pick();
            }
        }
    }

    private void SavePort(string dataDirectory, ClusterState state, int port, ServerProcess server)
    {
        if (state.Port == port)
        {
            return;
        }

        try
        {
            (state with { Port = port }).Save(dataDirectory);
        }
        catch (LocalSupabaseException)
        {
            server.Stop(logger);
            server.Dispose();
            throw;
        }
    }

    // A server that somebody killed while it started has nothing wrong with it: it is started again.
    private ServerProcess Launch(ServerPlan plan, int port)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return LaunchOnce(plan, port);
            }
            catch (LocalSupabaseException failure) when (failure.Code == ServerProcess.Killed && attempt < MostLaunches)
            {
                LeftoverServer.Clear(plan.ClusterDirectory, _stop.Token);
            }
        }
    }

    private ServerProcess LaunchOnce(ServerPlan plan, int port)
    {
        var server = ServerProcess.Start(plan, port);
        var ready = false;
        try
        {
            ready = server.WaitUntilReady(options.StartTimeout, _stop.Token);
            return ready ? server : throw server.Failure();
        }
        finally
        {
            if (!ready)
            {
                server.Stop(logger);
                server.Dispose();
            }
        }
    }

    private void Watch(ServerProcess server, ServerPlan plan, int port)
    {
        var attempts = 0;
        while (WaitHandle.WaitAny([_stop.Token.WaitHandle, server.Exited]) != 0)
        {
            attempts = server.Uptime > StableUptime ? 0 : attempts;
            logger.ServerDied(server.ExitCode, port);
            server.Dispose();
            if (StartAgain(plan, port, ref attempts) is not { } next)
            {
                return;
            }

            server = next;
            logger.ServerIsBack(port, attempts);
        }

        server.Stop(logger);
        server.Dispose();
    }

    /// <summary>On the same port, since every pool in the process points there. Null when the Host stops meanwhile.</summary>
    private ServerProcess? StartAgain(ServerPlan plan, int port, ref int attempts)
    {
        while (true)
        {
            var delay = Delay(attempts++);
            if (_stop.Token.WaitHandle.WaitOne(delay))
            {
                return null;
            }

            try
            {
                LeftoverServer.Clear(plan.ClusterDirectory, _stop.Token);
                return Launch(plan, port);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            catch (Exception exception) when (exception is LocalSupabaseException or IOException or UnauthorizedAccessException)
            {
                logger.RestartFailed(exception, attempts, Delay(attempts));
            }
        }
    }

    /// <summary>At once the first time, then 0.2 s, 0.4 s, and so on to 5 s.</summary>
    private static TimeSpan Delay(int attempts) => attempts == 0
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Math.Min(LongestDelay.TotalMilliseconds, 100 * Math.Pow(2, Math.Min(attempts, 10))));
}
