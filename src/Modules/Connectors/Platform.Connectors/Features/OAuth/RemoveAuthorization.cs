using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Domain;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.OAuth;

internal sealed class RemoveAuthorizationEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}/oauth", HandleAsync).WithName("RemoveConnectorAuthorization")
            .WithSummary("Forget what a provider has granted to the connector, and end authorizations that were begun");

    private static async Task<NoContent> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RemoveAuthorizationCommand(id), cancellationToken);
        return TypedResults.NoContent();
    }
}

internal sealed record RemoveAuthorizationCommand(Guid Id) : ICommand;

internal sealed class RemoveAuthorizationHandler(ConnectorsDbContext db, TimeProvider clock)
    : AsyncRequestHandler<RemoveAuthorizationCommand>
{
    protected override async Task Handle(RemoveAuthorizationCommand request, CancellationToken cancellationToken)
    {
        var connector = await db.Connectors.SingleOrDefaultAsync(one => one.Id == request.Id, cancellationToken)
            ?? throw ConnectorOpener.NotFound();
        await db.OAuthAttempts.Where(attempt => attempt.ConnectorId == request.Id).ExecuteDeleteAsync(cancellationToken);
        if (await db.OAuthGrants.Where(grant => grant.ConnectorId == request.Id).ExecuteDeleteAsync(cancellationToken) > 0)
        {
            connector.RecordAuthorization(clock.GetUtcNow());
            db.ConnectorEvents.Add(ConnectorEvent.Of(connector, "authorization_removed", clock.GetUtcNow()));
        }
    }
}
