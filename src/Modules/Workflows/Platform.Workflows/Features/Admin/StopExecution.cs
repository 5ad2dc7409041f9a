using FluentValidation;
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
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Admin;

internal sealed class StopExecutionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/cancel", HandleAsync).WithName("StopExecution")
            .WithSummary("Stop somebody's execution; it is in its owner's log");

    private static async Task<Accepted<RequeuedExecution>> HandleAsync(
        Guid id, RequeueExecutionBody? body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Accepted((string?)null, await mediator.Send(new StopExecutionCommand(id, body?.Reason), cancellationToken));
}

internal sealed record StopExecutionCommand(Guid Id, string? Reason) : ICommand<RequeuedExecution>;

internal sealed class StopExecutionValidator : AbstractValidator<StopExecutionCommand>
{
    public StopExecutionValidator() => RuleFor(command => command.Reason).MaximumLength(RequeueExecutionValidator.MaxReasonLength);
}

internal sealed class StopExecutionHandler(WorkflowsDbContext db) : IRequestHandler<StopExecutionCommand, RequeuedExecution>
{
    public async Task<RequeuedExecution> Handle(StopExecutionCommand request, CancellationToken cancellationToken)
    {
        var done = await db.Database
            .SqlQuery<bool?>($"select workflows.staff_cancel_execution({request.Id}, {request.Reason}) as \"Value\"")
            .ToListAsync(cancellationToken);
        var stopped = done[0] ?? throw new NotFoundException("execution_not_found", "There is no such execution.");
        ConflictException.ThrowIf(!stopped, "execution_has_ended", "The execution has ended already.");
        return new RequeuedExecution(request.Id, ExecutionStatus.Cancelled);
    }
}
