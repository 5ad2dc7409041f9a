using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Delivery;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Alerts;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Jobs;

/// <summary>
/// Delivers one change of an alert's state under its owner's identity. Of two at once, one takes it; one that died is made up for when its
/// lease has run out.
/// </summary>
internal sealed class DeliverAlertJob(IServiceScopeFactory scopes)
{
    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(Guid deliveryId, Guid ownerId, CancellationToken cancellationToken)
    {
        if (await InScopeAsync(ownerId, services => SendAsync(services, new TakeDeliveryCommand(deliveryId), cancellationToken)) is { } taken)
        {
            var outcome = await InScopeAsync(ownerId, services => taken.Channel == AlertDelivery.Mail
                ? services.GetRequiredService<AlertMail>().SendAsync(taken, cancellationToken)
                : services.GetRequiredService<AlertWebhook>().CallAsync(taken, cancellationToken));
            await InScopeAsync(ownerId, services => SendAsync(services, new EndDeliveryCommand(deliveryId, outcome), cancellationToken));
        }
    }

    private static Task<T> SendAsync<T>(IServiceProvider services, IRequest<T> request, CancellationToken cancellationToken) =>
        services.GetRequiredService<IMediator>().Send(request, cancellationToken);

    private async Task<T> InScopeAsync<T>(Guid ownerId, Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
        return await work(scope.ServiceProvider);
    }
}
