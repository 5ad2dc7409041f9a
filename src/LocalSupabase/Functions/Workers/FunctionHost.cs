using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Functions.Workers;

/// <summary>All functions of this host, and the watch over them.</summary>
internal sealed class FunctionHost(
    LocalSupabaseOptions options, FunctionCatalog catalog, FunctionStarter starter, TimeProvider clock, ILogger<FunctionHost> logger)
    : BackgroundService, IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, FunctionSupervisor> _functions = new(StringComparer.Ordinal);

    public FunctionSupervisor SupervisorOf(string name) =>
        _functions.GetOrAdd(name, key => new FunctionSupervisor(key, catalog, starter, options.Functions, clock));

    /// <summary>Stops the function that was idle longest when as many run as may.</summary>
    /// <exception cref="FunctionsException">All of them are busy.</exception>
    public void MakeRoom()
    {
        var running = _functions.Values.Where(function => function.Current is not null).ToList();
        if (running.Count < options.Functions.MaxProcesses)
        {
            return;
        }

        var idle = running.Where(function => function.Current is { Calls: 0 }).MaxBy(function => function.Current?.SinceLastCall)
            ?? throw FunctionsException.Busy();
        idle.StopIfIdle();
    }

    /// <summary>Ends all functions, also when the host is thrown away without having been stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var function in _functions.Values)
        {
            await function.DisposeAsync();
        }

        Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Watch();
            }
        }
        catch (OperationCanceledException)
        {
            // The functions end when the host is disposed of; until then calls that are under way may finish.
        }
    }

    private void Watch()
    {
        foreach (var function in _functions.Values)
        {
            try
            {
                function.Watch();
            }
            catch (Exception exception)
            {
                logger.FunctionsWatchFailed(exception);
            }
        }
    }
}
