using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Delivery;
using Platform.Dashboards.Features.Subscriptions;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Jobs;

/// <summary>
/// Draws and sends one mail of a subscription under the subscriber's identity. Of two at once, one takes it; if it dies before the mail is
/// handed over, another does it all again, and if it dies later, nobody does.
/// </summary>
internal sealed class SendSubscriptionJob(IServiceScopeFactory scopes)
{
    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(Guid runId, Guid subscriberId, CancellationToken cancellationToken)
    {
        if (await SendAsync(subscriberId, new TakeRunCommand(runId), cancellationToken) is { } run)
        {
            var outcome = await DeliverAsync(run, subscriberId, cancellationToken);
            await SendAsync(subscriberId, new EndRunCommand(runId, outcome), cancellationToken);
        }
    }

    private async Task<RunOutcome> DeliverAsync(TakenRun run, Guid subscriberId, CancellationToken cancellationToken)
    {
        await using var scope = ScopeOf(subscriberId);
        var mail = scope.ServiceProvider.GetRequiredService<SubscriptionMail>();
        var (letter, refused) = await mail.WriteAsync(run, cancellationToken);
        if (letter is null)
        {
            return refused!;
        }

        await SendAsync(subscriberId, new BeginSendingCommand(run.Id), cancellationToken);
        return await mail.SendAsync(letter, cancellationToken);
    }

    private async Task<T> SendAsync<T>(Guid subscriberId, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = ScopeOf(subscriberId);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }

    private AsyncServiceScope ScopeOf(Guid subscriberId)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(subscriberId);
        return scope;
    }
}
