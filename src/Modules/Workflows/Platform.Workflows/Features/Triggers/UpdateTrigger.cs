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

namespace Platform.Workflows.Features.Triggers;

internal sealed class UpdateTriggerEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateTrigger").WithSummary("Pause a trigger, or resume it");

    private static async Task<Ok<TriggerResponse>> HandleAsync(
        Guid id, UpdateTriggerBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateTriggerCommand(id, body.Status), cancellationToken));
}

/// <param name="Status"><c>active</c> or <c>paused</c>. Ticks of the time that a trigger is paused are not made up for.</param>
internal sealed record UpdateTriggerBody(string Status);

internal sealed record UpdateTriggerCommand(Guid Id, string Status) : ICommand<TriggerResponse>;

internal sealed class UpdateTriggerValidator : AbstractValidator<UpdateTriggerCommand>
{
    public UpdateTriggerValidator() =>
        RuleFor(command => command.Status).Must(status => status is Trigger.Active or Trigger.Paused).WithMessage("Must be active or paused.");
}

internal sealed class UpdateTriggerHandler(WorkflowsDbContext db, TimeProvider clock) : IRequestHandler<UpdateTriggerCommand, TriggerResponse>
{
    public async Task<TriggerResponse> Handle(UpdateTriggerCommand request, CancellationToken cancellationToken)
    {
        var trigger = await db.Triggers
            .FromSql($"select t.* from workflows.triggers as t where t.id = {request.Id} for update").SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("trigger_not_found", "There is no such trigger.");
        if (trigger.Status != request.Status)
        {
            if (request.Status == Trigger.Paused)
            {
                trigger.Pause(clock.GetUtcNow());
            }
            else
            {
                trigger.Resume(clock.GetUtcNow());
            }
        }

        return TriggerResponse.Of(trigger);
    }
}
