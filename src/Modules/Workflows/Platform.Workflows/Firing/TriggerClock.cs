using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.SharedKernel.Callers;

namespace Platform.Workflows.Firing;

/// <summary>
/// Looks once a second whether times or events have come that triggers wait for. Any number of nodes may look: a row that one of them
/// holds is passed over by the others, and a cause has a key that starts one execution.
/// </summary>
internal sealed class TriggerClock(IServiceScopeFactory scopes, TimeProvider clock, ILogger<TriggerClock> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly Caller System = Caller.System("platform:triggers");

    /// <summary>Looks until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await FireDueAsync(stopping);
                await Task.Delay(Interval, clock, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node goes down.
        }
    }

    /// <summary>Fires what is due now. What fails is tried again with the next look, and keeps nothing else from its turn.</summary>
    public async Task FireDueAsync(CancellationToken cancellationToken)
    {
        var due = await TryAsync(new ListDueFiringsQuery(clock.GetUtcNow()), cancellationToken) ?? DueFirings.None;
        foreach (var trigger in due.Crons)
        {
            await TryAsync(new FireCronCommand(trigger, clock.GetUtcNow()), cancellationToken);
        }

        foreach (var firing in due.Events)
        {
            await TryAsync(new FireEventCommand(firing), cancellationToken);
        }
    }

    private async Task<T?> TryAsync<T>(IRequest<T> request, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = System;
            return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.FiringFailed(exception, request.ToString() ?? "");
            return default;
        }
    }
}
