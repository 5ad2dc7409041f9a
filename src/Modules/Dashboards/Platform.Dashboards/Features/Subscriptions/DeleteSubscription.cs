using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Subscriptions;

internal sealed class DeleteSubscriptionEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", HandleAsync).WithName("DeleteSubscription").WithSummary("End a subscription");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new DeleteSubscriptionCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record DeleteSubscriptionCommand(Guid Id) : ICommand;

internal sealed class DeleteSubscriptionHandler(DashboardsDbContext db) : AsyncRequestHandler<DeleteSubscriptionCommand>
{
    protected override async Task Handle(DeleteSubscriptionCommand request, CancellationToken cancellationToken) =>
        db.Subscriptions.Remove(
            await db.Subscriptions.SingleOrDefaultAsync(subscription => subscription.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("subscription_not_found", "There is no such subscription."));
}
