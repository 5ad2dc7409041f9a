using System.Collections.Concurrent;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>
/// Keeps one function running: started by its first call, anew after a crash with growing pauses, replaced when its source has changed,
/// stopped when nobody calls it.
/// </summary>
internal sealed class FunctionSupervisor(
    string name, FunctionCatalog catalog, FunctionStarter starter, FunctionsOptions options, TimeProvider clock)
    : IAsyncDisposable
{
    private static readonly TimeSpan StampLifetime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GraceForBackgroundWork = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly ConcurrentDictionary<FunctionProcess, byte> _retired = [];
    private FunctionProcess? _current;
    private (FunctionSource Source, int Stamp)? _prepared;
    private int? _runningStamp;
    private long? _stampRead;
    private int _stamp;
    private int _failures;
    private int? _failedStamp;
    private long _failedAt;

    public string Name { get; } = name;

    /// <summary>The process that takes calls, if there is one.</summary>
    public FunctionProcess? Current => Volatile.Read(ref _current) is { Exited.IsCompleted: false } running ? running : null;

    /// <summary>A process with the call counted in; the caller counts it out again.</summary>
    /// <exception cref="FunctionsException">It does not start, or has too many calls.</exception>
    public async Task<FunctionProcess> BeginCallAsync(FunctionSource source, Action makeRoom, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stamp = StampOf(source);
            var process = Current is { End: FunctionEnd.None } running && stamp == _runningStamp
                ? running
                : await StartAsync(source, stamp, makeRoom, cancellationToken);
            if (process.TryBeginCall())
            {
                return process;
            }

            // It was stopped for idleness between the two lines; one that is full is another matter.
            if (process.End == FunctionEnd.None)
            {
                throw FunctionsException.Busy();
            }
        }
    }

    /// <summary>A call was answered: what failed before is forgiven.</summary>
    public void Succeeded() => Volatile.Write(ref _failures, 0);

    /// <summary>Takes no more calls to this process, and ends it once those it has are done.</summary>
    public void Retire(FunctionProcess process)
    {
        _retired.TryAdd(process, 0);
        Interlocked.CompareExchange(ref _current, null, process);
    }

    /// <summary>Looks at limits and idleness; called a few times a second.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref _current) is { } current)
        {
            current.Enforce();
            if (current.Calls == 0 && current.SinceLastCall > TimeSpan.FromSeconds(options.IdleSeconds))
            {
                StopIfIdle();
            }
        }

        foreach (var process in _retired.Keys)
        {
            process.Enforce();
            if (process.Exited.IsCompleted && _retired.TryRemove(process, out _))
            {
                process.Dispose();
            }
            else if (process.Calls == 0 && process.SinceLastCall > GraceForBackgroundWork)
            {
                process.Stop(FunctionEnd.Replaced);
            }
        }
    }

    /// <summary>Ends the process when no call is on it.</summary>
    public void StopIfIdle()
    {
        if (Current is { } idle && idle.StopIfIdle())
        {
            Retire(idle);
        }
    }

    /// <summary>Ends everything, at the host's own end.</summary>
    public async ValueTask DisposeAsync()
    {
        var processes = _retired.Keys.Append(Volatile.Read(ref _current)).OfType<FunctionProcess>().ToList();
        processes.ForEach(process => process.Stop(FunctionEnd.Stopped));
        await Task.WhenAll(processes.Select(process => process.Exited));
        processes.ForEach(process => process.Dispose());
        _starting.Dispose();
    }

    private async Task<FunctionProcess> StartAsync(
        FunctionSource source, int stamp, Action makeRoom, CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (Current is { End: FunctionEnd.None } running && stamp == _runningStamp)
            {
                return running;
            }

            ClearAway();
            ThrowIfPaused(stamp);
            makeRoom();
            if (_prepared != (source, stamp))
            {
                await starter.PrepareAsync(source, cancellationToken);
                _prepared = (source, stamp);
            }

            var process = await starter.StartAsync(source, cancellationToken);
            _runningStamp = stamp;
            Volatile.Write(ref _current, process);
            return process;
        }
        catch (FunctionsException exception) when (exception.Code == "BOOT_ERROR" && exception.RetryAfter is null)
        {
            CountFailure(stamp);
            throw;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>What ran until now: a crashed one counts as a failure, one of an older source may finish its calls.</summary>
    private void ClearAway()
    {
        if (Volatile.Read(ref _current) is not { } previous)
        {
            return;
        }

        if (previous.End is not (FunctionEnd.None or FunctionEnd.Idle))
        {
            CountFailure(_runningStamp);
        }

        Retire(previous);
    }

    private void CountFailure(int? stamp)
    {
        _failures++;
        (_failedStamp, _failedAt) = (stamp, clock.GetTimestamp());
    }

    private void ThrowIfPaused(int stamp)
    {
        if (_failedStamp != stamp)
        {
            // The source was changed since.
            _failures = 0;
        }

        // One crash is forgiven at once; from the second in a row on, each pause is twice the one before.
        if (_failures < 2)
        {
            return;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(_failures - 2, 10));
        var left = (pause < LongestPause ? pause : LongestPause) - clock.GetElapsedTime(_failedAt);
        if (left > TimeSpan.Zero)
        {
            throw FunctionsException.NotStarted(retryAfter: left);
        }
    }

    private int StampOf(FunctionSource source)
    {
        if (_stampRead is not { } read || (options.HotReload && clock.GetElapsedTime(read) > StampLifetime))
        {
            _stamp = catalog.StampOf(source);
            _stampRead = clock.GetTimestamp();
        }

        return _stamp;
    }
}
