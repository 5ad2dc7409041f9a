using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Workflows.Contracts.Queries;
using Platform.Workflows.Domain;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Integration;

internal sealed class FindWorkflowValidator : AbstractValidator<FindWorkflowQuery>
{
    public FindWorkflowValidator() => RuleFor(query => query.Name).NotEmpty().MaximumLength(Workflow.MaxNameLength);
}

internal sealed class FindWorkflowHandler(WorkflowsDbContext db) : IRequestHandler<FindWorkflowQuery, WorkflowName?>
{
    public Task<WorkflowName?> Handle(FindWorkflowQuery request, CancellationToken cancellationToken) =>
        db.Workflows.AsNoTracking()
            .Where(workflow => workflow.Name == request.Name)
            .Select(workflow => new WorkflowName(workflow.Id, workflow.Name, workflow.Status))
            .SingleOrDefaultAsync(cancellationToken);
}
