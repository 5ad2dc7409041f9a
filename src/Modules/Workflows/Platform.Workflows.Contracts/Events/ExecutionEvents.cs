using Platform.SharedKernel.Events;

namespace Platform.Workflows.Contracts.Events;

/// <summary>An execution has reached its end.</summary>
/// <param name="ExecutionId">The execution.</param>
/// <param name="WorkflowId">Its workflow.</param>
/// <param name="UserId">The workflow's owner.</param>
/// <param name="Status"><c>succeeded</c>, <c>failed</c> or <c>cancelled</c>.</param>
[EventName("workflows.execution-finished.v1")]
public sealed record ExecutionFinishedIntegrationEvent(Guid ExecutionId, Guid WorkflowId, Guid UserId, string Status) : IntegrationEvent(ExecutionId);
