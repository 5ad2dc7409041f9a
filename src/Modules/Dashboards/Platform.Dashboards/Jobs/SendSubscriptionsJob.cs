using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Features.Subscriptions;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Jobs;

/// <summary>Enqueues a mail for every subscription that is due.</summary>
internal sealed class SendSubscriptionsJob(IServiceScopeFactory scopes, IBackgroundJobClient jobs)
{
    private const string Id = "dashboards:send-subscriptions";

    public static void Schedule(IRecurringJobManager recurring) =>
        recurring.AddOrUpdate<SendSubscriptionsJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), "* * * * *");

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        foreach (var due in await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new TakeDueSubscriptionsCommand(), cancellationToken))
        {
            jobs.Enqueue<SendSubscriptionJob>(job => job.RunAsync(due.Id, due.UserId, CancellationToken.None));
        }
    }
}
