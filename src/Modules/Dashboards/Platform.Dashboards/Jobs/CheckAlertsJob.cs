using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Features.Alerts;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Jobs;

/// <summary>Enqueues a check for every alert that is due, and another try for what could not be delivered.</summary>
internal sealed class CheckAlertsJob(IServiceScopeFactory scopes, IBackgroundJobClient jobs)
{
    private const string Id = "dashboards:check-alerts";

    public static void Schedule(IRecurringJobManager recurring) =>
        recurring.AddOrUpdate<CheckAlertsJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), "*/30 * * * * *");

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        foreach (var due in await mediator.Send(new TakeDueAlertsCommand(), cancellationToken))
        {
            jobs.Enqueue<CheckAlertJob>(job => job.RunAsync(due.Id, due.UserId, CancellationToken.None));
        }

        foreach (var due in await mediator.Send(new ListDueDeliveriesQuery(), cancellationToken))
        {
            jobs.Enqueue<DeliverAlertJob>(job => job.RunAsync(due.Id, due.UserId, CancellationToken.None));
        }
    }
}
