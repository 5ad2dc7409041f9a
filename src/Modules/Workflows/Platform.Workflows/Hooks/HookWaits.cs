using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Callers;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine;
using Platform.Workflows.Features.Executions;
using Platform.Workflows.Features.Hooks;

namespace Platform.Workflows.Hooks;

/// <summary>Waits for the end of an execution, for a caller who wants its result in the answer.</summary>
internal sealed class HookWaits(ExecutionEnds ends, IServiceScopeFactory scopes, TimeProvider clock)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly Caller System = Caller.System("platform:webhooks");

    /// <summary>The answer with the execution's end, or as it stands when the time is over.</summary>
    public async Task<HookResponse> WaitAsync(HookResponse answer, TimeSpan wait, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            var execution = await ReadAsync(answer.Id, cancellationToken);
            var left = wait - clock.GetElapsedTime(begun);
            if (ExecutionStatus.IsFinal(execution.Status) || left <= TimeSpan.Zero)
            {
                return answer with
                {
                    Status = execution.Status,
                    Results = execution.Results,
                    ErrorCode = execution.ErrorCode,
                    Error = execution.Error,
                };
            }

            await ends.WaitAsync(answer.Id, left < LookInterval ? left : LookInterval, cancellationToken);
        }
    }

    private async Task<ExecutionResponse> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = System;
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new GetExecutionQuery(id), cancellationToken);
    }
}
