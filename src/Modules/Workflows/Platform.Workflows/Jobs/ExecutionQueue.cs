using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.Workflows.Features.Admin;

namespace Platform.Workflows.Jobs;

/// <summary>Executions as job operators see them.</summary>
internal static class ExecutionQueue
{
    public static OperatorQueue Queue { get; } = new(
        "workflows",
        "Executions",
        WorkflowsModule.Schema,
        [
            new OperatorAction(
                "retry", "Retry", ["failed", "dead"], (services, id, cancellationToken) =>
                    services.GetRequiredService<IMediator>().Send(new RequeueExecutionCommand(id, null), cancellationToken)),
            new OperatorAction(
                "cancel", "Cancel", ["queued", "running", "waiting"], (services, id, cancellationToken) =>
                    services.GetRequiredService<IMediator>().Send(new StopExecutionCommand(id, null), cancellationToken)),
        ]);
}
