using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions.Deno;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>One running process of a function, and the connections to it.</summary>
internal sealed class FunctionProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _socketFolder;
    private readonly ILogger _logger;
    private readonly FunctionsOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _counting = new();
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _end;
    private int _calls;
    private long _lastCall;
    private long _finished;
    private (long Finished, TimeSpan Cpu) _progress;
    private int? _measured;

    public FunctionProcess(
        Process process, FunctionSource source, string executionId, string socketFolder, FunctionsOptions options, ILogger logger,
        TimeProvider clock)
    {
        (_process, Name, ExecutionId, _socketFolder) = (process, source.Name, executionId, socketFolder);
        (_options, _logger, _clock) = (options, logger, clock);
        _lastCall = clock.GetTimestamp();
        Client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(cancellationToken),
        });
        _ = FunctionOutput.PumpAsync(process.StandardOutput, clock, line => logger.FunctionSaid(Name, ExecutionId, line));
        _ = FunctionOutput.PumpAsync(process.StandardError, clock, Complain);
        _ = WatchExitAsync();
    }

    public string Name { get; }

    public string ExecutionId { get; }

    public HttpMessageInvoker Client { get; }

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited => _exited.Task;

    /// <summary>Why it ended, or is being ended.</summary>
    public FunctionEnd End => (FunctionEnd)Volatile.Read(ref _end);

    public int Calls => Volatile.Read(ref _calls);

    public TimeSpan SinceLastCall => _clock.GetElapsedTime(Volatile.Read(ref _lastCall));

    /// <summary>Counts a call in, unless there are too many or the process is being ended.</summary>
    public bool TryBeginCall()
    {
        lock (_counting)
        {
            if (End != FunctionEnd.None || _calls >= _options.MaxConcurrentCalls)
            {
                return false;
            }

            _calls++;
            Volatile.Write(ref _lastCall, _clock.GetTimestamp());
            return true;
        }
    }

    /// <summary>Ends it unless a call is on it.</summary>
    public bool StopIfIdle()
    {
        lock (_counting)
        {
            if (_calls > 0)
            {
                return false;
            }

            Stop(FunctionEnd.Idle);
            return true;
        }
    }

    public void EndCall(bool answered)
    {
        lock (_counting)
        {
            Volatile.Write(ref _lastCall, _clock.GetTimestamp());
            _calls--;
            _finished += answered ? 1 : 0;
        }
    }

    /// <summary>Waits until it takes connections.</summary>
    /// <returns>False when it ended, or did not listen in time.</returns>
    public async Task<bool> WaitUntilListeningAsync(CancellationToken cancellationToken)
    {
        var (started, limit) = (_clock.GetTimestamp(), TimeSpan.FromSeconds(_options.BootSeconds));
        while (!Exited.IsCompleted && _clock.GetElapsedTime(started) < limit)
        {
            try
            {
                await using var stream = await ConnectAsync(cancellationToken);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(5, cancellationToken);
                Enforce(whileBooting: true);
            }
        }

        return false;
    }

    /// <summary>Stops it when it uses more than it may. Loading modules may take more CPU time than a call.</summary>
    public void Enforce(bool whileBooting = false)
    {
        _measured ??= _options.Sandbox == FunctionSandbox.Bubblewrap ? ProcessUsage.ChildOf(_process.Id) : _process.Id;
        if (Exited.IsCompleted || _measured is not { } measured || ProcessUsage.Of(measured) is not { } usage)
        {
            return;
        }

        var finished = Interlocked.Read(ref _finished);
        if (finished != _progress.Finished || whileBooting)
        {
            _progress = (finished, usage.Cpu);
        }

        if (usage.ResidentBytes > _options.MemoryMegabytes * 1024L * 1024)
        {
            Stop(FunctionEnd.OverMemory);
        }
        else if (!whileBooting && usage.Cpu - _progress.Cpu > TimeSpan.FromSeconds(_options.CpuSeconds))
        {
            Stop(FunctionEnd.OverCpu);
        }
    }

    /// <summary>Kills it. The first reason counts.</summary>
    public void Stop(FunctionEnd reason)
    {
        Interlocked.CompareExchange(ref _end, (int)reason, (int)FunctionEnd.None);
        try
        {
            // bubblewrap's child, the first process of its namespace, dies with it, and all others with that.
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        _process.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_socketFolder, DenoCommand.Socket)), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Complain(string line)
    {
        // V8 says so when it gives up, before it kills its own process.
        if (line.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            Interlocked.CompareExchange(ref _end, (int)FunctionEnd.OverMemory, (int)FunctionEnd.None);
        }

        _logger.FunctionComplained(Name, ExecutionId, line);
    }

    private async Task WatchExitAsync()
    {
        await _process.WaitForExitAsync();
        Interlocked.CompareExchange(ref _end, (int)FunctionEnd.Crashed, (int)FunctionEnd.None);
        if (Directory.Exists(_socketFolder))
        {
            Directory.Delete(_socketFolder, recursive: true);
        }

        if (End is FunctionEnd.Idle or FunctionEnd.Replaced or FunctionEnd.Stopped)
        {
            _logger.FunctionStopped(Name, ExecutionId, End);
        }
        else
        {
            _logger.FunctionBroke(Name, ExecutionId, End);
        }

        _exited.SetResult();
    }
}
