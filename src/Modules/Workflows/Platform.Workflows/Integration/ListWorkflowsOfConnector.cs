using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Workflows.Contracts.Queries;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Integration;

internal sealed class ListWorkflowsOfConnectorHandler(WorkflowsDbContext db)
    : IRequestHandler<ListWorkflowsOfConnectorQuery, IReadOnlyList<WorkflowName>>
{
    private const int MaxWorkflows = 200;

    // A step may hold the id anywhere, also in text around an expression: the definition's text is what is looked at.
    public async Task<IReadOnlyList<WorkflowName>> Handle(ListWorkflowsOfConnectorQuery request, CancellationToken cancellationToken) =>
        await db.Workflows
            .FromSql(
                $"""
                select workflow.*, workflow.xmin from workflows.workflows as workflow
                where position({request.ConnectorId.ToString()} in workflow.steps::text) > 0
                """)
            .AsNoTracking()
            .OrderBy(workflow => workflow.Name)
            .Take(MaxWorkflows)
            .Select(workflow => new WorkflowName(workflow.Id, workflow.Name, workflow.Status))
            .ToListAsync(cancellationToken);
}
