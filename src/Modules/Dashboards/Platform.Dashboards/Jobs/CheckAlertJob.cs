using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Data;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Alerts;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Dashboards.Jobs;

/// <summary>Checks one alert under its owner's identity. Run twice, it finds the same and tells nobody again.</summary>
internal sealed class CheckAlertJob(IServiceScopeFactory scopes, BoardReader reader)
{
    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(Guid alertId, Guid ownerId, CancellationToken cancellationToken)
    {
        if (await SendAsync(ownerId, new ReadAlertQuery(alertId), cancellationToken) is { } watched)
        {
            var finding = await FindAsync(watched, ownerId, cancellationToken);
            await SendAsync(ownerId, new RecordAlertCommand(alertId, finding), cancellationToken);
        }
    }

    private async Task<AlertFinding> FindAsync(WatchedWidget watched, Guid ownerId, CancellationToken cancellationToken)
    {
        var condition = AlertTermsValidator.ConditionOf(watched.Condition);
        try
        {
            var board = await SendAsync(ownerId, new ReadBoardAsksQuery(null, watched.WidgetId), cancellationToken);
            var answer = await reader.ReadAsync(board, new ViewerRequest(null, MaxAge: TimeSpan.Zero), cancellationToken);
            var result = answer.Result.ToResult();
            return condition.OnRows([.. result.Columns.Select(column => column.Name)], result.Rows);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return condition.OnFailure(Problem.From(exception).Code);
        }
    }

    private async Task<T> SendAsync<T>(Guid ownerId, IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
