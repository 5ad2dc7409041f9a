using System.Runtime;

namespace Platform.Host;

/// <summary>
/// Gives back, once, what the start has left behind: models, routes and validators are made of far more than stays of them, and a server at
/// rest may not collect for hours.
/// </summary>
internal sealed class StartUpMemory(IHostApplicationLifetime lifetime, TimeProvider clock) : BackgroundService
{
    // The first requests and jobs come in the meantime, and leave as much behind.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await Task.Delay(Settled, clock, stoppingToken);
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
