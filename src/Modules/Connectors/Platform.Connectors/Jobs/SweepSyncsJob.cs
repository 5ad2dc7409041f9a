using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Connectors.Features.Syncs;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Jobs;

/// <summary>Starts what schedules ask for, and takes up syncs whose worker died.</summary>
internal sealed class SweepSyncsJob(IServiceScopeFactory scopes, IBackgroundJobClient jobs, ILogger<SweepSyncsJob> logger)
{
    private const string Id = "connectors:sweep-syncs";

    public static void Schedule(IRecurringJobManager recurring) =>
        recurring.AddOrUpdate<SweepSyncsJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), "*/10 * * * * *");

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var connectorId in await SendAsync(new ListDueConnectorsQuery(), cancellationToken))
        {
            await StartAsync(connectorId, cancellationToken);
        }

        foreach (var due in await SendAsync(new TakeDueSyncsCommand(), cancellationToken))
        {
            jobs.Enqueue<SyncConnectorJob>(job => job.RunAsync(due.Id, due.UserId, CancellationToken.None));
        }
    }

    // Somebody may start a sync at the same moment; then the schedule's next time comes with the next sweep. Others must not wait for it.
    private async Task StartAsync(Guid connectorId, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(new StartScheduledSyncCommand(connectorId), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.ScheduledSyncNotStarted(exception, connectorId);
        }
    }

    private async Task<T> SendAsync<T>(IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
