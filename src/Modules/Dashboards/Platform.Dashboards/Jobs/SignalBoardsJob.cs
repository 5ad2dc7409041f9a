using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Features.Dashboards;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Dashboards.Jobs;

/// <summary>
/// Tells whoever looks at a board that its data are new: <c>data_changed</c> on the private channel <c>dashboard:{id}</c>, with the
/// widgets to read again. Told twice, a reader finds the same.
/// </summary>
internal sealed class SignalBoardsJob(IServiceScopeFactory scopes, RealtimeGateway realtime)
{
    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 2, DelaysInSeconds = [5, 30], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(Guid connectorId, Guid ownerId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
        foreach (var board in await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ListFedBoardsQuery(connectorId), cancellationToken))
        {
            await realtime.BroadcastAsync(
                $"dashboard:{board.DashboardId}", "data_changed",
                new Dictionary<string, object> { ["dashboard_id"] = board.DashboardId, ["widget_ids"] = board.WidgetIds }, cancellationToken);
        }
    }
}
