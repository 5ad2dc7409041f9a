using Hangfire.Server;
using Microsoft.Extensions.Logging;
using Platform.SharedKernel.Infrastructure.Events;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>A module's own queue as Hangfire sees it: a background process.</summary>
internal sealed class QueueProcess(IQueueProcess process, NotificationHub hub, TimeProvider clock, ILogger<QueueProcess> logger) : IBackgroundProcess
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public void Execute(BackgroundProcessContext context) => RunAsync(context.StoppingToken).GetAwaiter().GetResult();

    public override string ToString() => $"Queue {process.Queue}";

    private async Task RunAsync(CancellationToken stopping)
    {
        using var wakeUps = hub.Subscribe(process.Channel);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await process.RunAsync(wakeUps, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                logger.PumpFailed(exception, process.Queue);
                await Task.WhenAny(Task.Delay(Pause, clock, stopping));
            }
        }
    }
}
