using Platform.SharedKernel.Messages;

namespace Platform.Workflows.Contracts.Queries;

/// <summary>The caller's workflows whose steps name a connector, at most 200.</summary>
/// <param name="ConnectorId">The connector.</param>
public sealed record ListWorkflowsOfConnectorQuery(Guid ConnectorId) : IQuery<IReadOnlyList<WorkflowName>>;
