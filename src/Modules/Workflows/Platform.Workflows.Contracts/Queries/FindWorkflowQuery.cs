using Platform.SharedKernel.Messages;

namespace Platform.Workflows.Contracts.Queries;

/// <summary>One of the caller's workflows by name, or null.</summary>
/// <param name="Name">The exact name.</param>
public sealed record FindWorkflowQuery(string Name) : IQuery<WorkflowName?>;

/// <summary>A workflow in short.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">Its state: <c>draft</c>, <c>active</c> or <c>paused</c>.</param>
public sealed record WorkflowName(Guid Id, string Name, string Status);
