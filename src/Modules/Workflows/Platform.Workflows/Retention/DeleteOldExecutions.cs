using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Retention;

/// <summary>Deletes a batch of what a workflow no longer keeps. Answers how many executions went.</summary>
internal sealed record DeleteOldExecutionsCommand(Guid WorkflowId, int Days, int Most) : ICommand<int>;

internal sealed class DeleteOldExecutionsValidator : AbstractValidator<DeleteOldExecutionsCommand>
{
    public DeleteOldExecutionsValidator()
    {
        RuleFor(command => command.Days).GreaterThanOrEqualTo(1);
        RuleFor(command => command.Most).InclusiveBetween(1, 1000);
    }
}

internal sealed class DeleteOldExecutionsHandler(WorkflowsDbContext db) : IRequestHandler<DeleteOldExecutionsCommand, int>
{
    public async Task<int> Handle(DeleteOldExecutionsCommand request, CancellationToken cancellationToken) =>
        (await db.Database
            .SqlQuery<int>(
                $"select workflows.delete_old_executions({request.WorkflowId}, {request.Days}, {request.Most}) as \"Value\"")
            .ToListAsync(cancellationToken))[0];
}
