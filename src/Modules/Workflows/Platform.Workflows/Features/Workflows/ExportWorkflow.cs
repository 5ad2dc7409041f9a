using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Domain;
using Platform.Workflows.Features.Executions;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Workflows;

internal sealed class ExportWorkflowEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/export", HandleAsync).WithName("ExportWorkflow").WithSummary("Write the draft and its triggers down, without secrets");

    private static async Task<Ok<WorkflowDocument>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ExportWorkflowQuery(id), cancellationToken));
}

internal sealed record ExportWorkflowQuery(Guid Id) : IQuery<WorkflowDocument>;

internal sealed class ExportWorkflowHandler(WorkflowsDbContext db) : IRequestHandler<ExportWorkflowQuery, WorkflowDocument>
{
    public async Task<WorkflowDocument> Handle(ExportWorkflowQuery request, CancellationToken cancellationToken)
    {
        var found = await db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Id == request.Id)
            .Select(workflow => new
            {
                Workflow = workflow,
                Triggers = db.Triggers.Where(trigger => trigger.WorkflowId == workflow.Id && trigger.Type != Trigger.Webhook)
                    .OrderBy(trigger => trigger.Id).Select(trigger => new { trigger.Type, trigger.EventName, trigger.Config }).ToList(),
            })
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("workflow_not_found", "There is no such workflow.");
        var workflow = found.Workflow;
        return new WorkflowDocument(
            WorkflowDocument.CurrentFormat, workflow.Name, SecretMask.Apply(workflow.Steps), SecretMask.Apply(workflow.Config), workflow.Description,
            found.Triggers.ConvertAll(trigger => new TriggerDocument(trigger.Type, SecretMask.Apply(trigger.Config), trigger.EventName)));
    }
}
