using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Features.Syncs;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Jobs;

/// <summary>Starts what schedules ask for, and takes up syncs whose worker died.</summary>
internal sealed class SweepSyncsJob(IServiceScopeFactory scopes, IBackgroundJobClient jobs)
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
            await SendAsync(new StartScheduledSyncCommand(connectorId), cancellationToken);
        }

        foreach (var due in await SendAsync(new TakeDueSyncsCommand(), cancellationToken))
        {
            jobs.Enqueue<SyncConnectorJob>(job => job.RunAsync(due.Id, due.UserId, CancellationToken.None));
        }
    }

    private async Task<T> SendAsync<T>(IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
