using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.Workflows.Persistence;

namespace Platform.Workflows.Features.Triggers;

internal sealed class DeleteTriggerEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteTrigger").WithSummary("Let nothing start a workflow by this trigger any more");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteTriggerCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteTriggerCommand(Guid Id) : ICommand;

internal sealed class DeleteTriggerHandler(WorkflowsDbContext db) : AsyncRequestHandler<DeleteTriggerCommand>
{
    protected override async Task Handle(DeleteTriggerCommand request, CancellationToken cancellationToken)
    {
        if (await db.Triggers.Where(trigger => trigger.Id == request.Id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new NotFoundException("trigger_not_found", "There is no such trigger.");
        }
    }
}
