using System.Collections.Concurrent;
using Hangfire.Server;
using Microsoft.Extensions.Logging;
using Platform.SharedKernel.Infrastructure.Events;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>
/// A pump as Hangfire sees it: a background process that it starts, restarts and stops with the rest. Woken by NOTIFY, with polling as
/// the fallback; renews the leases of what runs, and hands them back when the node drains.
/// </summary>
internal sealed class PumpProcess(PumpWorker worker, NotificationHub hub, TimeProvider clock, ILogger<PumpProcess> logger) : IBackgroundProcess
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Guid, Running> _running = new();

    private sealed record Running(PumpLease Lease, CancellationTokenSource Cancellation, Task Task);

    public void Execute(BackgroundProcessContext context) => RunAsync(context.StoppingToken).GetAwaiter().GetResult();

    public override string ToString() => $"Pump {worker.Pump.Queue}";

    private async Task RunAsync(CancellationToken stopping)
    {
        using var wakeUps = hub.Subscribe(worker.Pump.Channel);
        var renewed = clock.GetTimestamp();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (clock.GetElapsedTime(renewed) > worker.Pump.Lease / 3)
                {
                    renewed = clock.GetTimestamp();
                    await RenewAsync(stopping);
                }

                var free = worker.Pump.Concurrency - _running.Count;
                var claimed = free > 0 ? await worker.ClaimAsync(free, stopping) : [];
                claimed.ForEach(lease => Start(lease, stopping));
                if (free == 0 || claimed.Count < free)
                {
                    await wakeUps.WaitAsync(PollInterval, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                logger.PumpFailed(exception, worker.Pump.Queue);
                await Task.WhenAny(Task.Delay(PollInterval, clock, stopping));
            }
        }

        await Task.WhenAll(_running.Values.Select(running => running.Task));
    }

    private void Start(PumpLease lease, CancellationToken stopping)
    {
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[lease.Id] = new Running(lease, cancellation, WorkAsync(lease, cancellation, start.Task));
        start.SetResult();
    }

    private async Task WorkAsync(PumpLease lease, CancellationTokenSource cancellation, Task start)
    {
        await start;
        try
        {
            await worker.WorkAsync(lease, cancellation.Token);
        }
        catch (Exception exception)
        {
            // The row keeps its lease until it runs out, and is then claimed again.
            logger.PumpItemFailed(exception, worker.Pump.Queue, lease.Id, lease.Attempt);
        }
        finally
        {
            _running.TryRemove(lease.Id, out _);
            cancellation.Dispose();
            hub.Wake(worker.Pump.Channel, "");
        }
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        var running = _running.Values.ToList();
        if (running.Count == 0)
        {
            return;
        }

        var held = await worker.RenewAsync([.. running.Select(item => item.Lease)], stopping);
        foreach (var item in running.Where(item => !held.Contains(item.Lease.Id) && _running.ContainsKey(item.Lease.Id)))
        {
            logger.LeaseLost(worker.Pump.Queue, item.Lease.Id);
            await item.Cancellation.CancelAsync();
        }
    }
}
