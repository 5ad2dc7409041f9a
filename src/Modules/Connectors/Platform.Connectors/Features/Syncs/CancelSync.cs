using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Syncs;

internal sealed class CancelSyncEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{id:guid}/cancel", HandleAsync).WithName("CancelSync")
            .WithSummary("Stop a sync; finished streams keep what was read");

    private static async Task<Accepted<ConnectorSync>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Accepted($"/api/v1/syncs/{id}", await mediator.Send(new CancelSyncCommand(id), cancellationToken));
}

internal sealed record CancelSyncCommand(Guid Id) : ICommand<ConnectorSync>;

internal sealed class CancelSyncHandler(ConnectorsDbContext db, TimeProvider clock) : IRequestHandler<CancelSyncCommand, ConnectorSync>
{
    public async Task<ConnectorSync> Handle(CancelSyncCommand request, CancellationToken cancellationToken)
    {
        var run = await db.SyncRuns.SingleOrDefaultAsync(run => run.Id == request.Id, cancellationToken) ?? throw SyncMapping.NotFound();
        run.RequestCancel(clock.GetUtcNow());
        if (!run.IsOpen)
        {
            db.Append(SyncMapping.TopicOf(run.Id), run.UserId, "sync.finished", new { status = run.Status }, final: true);
        }

        return SyncMapping.ToResponse(run, db.VersionOf(run));
    }
}
