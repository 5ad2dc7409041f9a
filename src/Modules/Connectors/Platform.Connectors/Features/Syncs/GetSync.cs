using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Syncs;

internal sealed class GetSyncEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetSync").WithSummary("Read a sync");

    private static async Task<Ok<ConnectorSync>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetConnectorSyncQuery(id), cancellationToken));
}

internal sealed class GetConnectorSyncHandler(ConnectorsDbContext db) : IRequestHandler<GetConnectorSyncQuery, ConnectorSync>
{
    public async Task<ConnectorSync> Handle(GetConnectorSyncQuery request, CancellationToken cancellationToken) =>
        await db.SyncRuns.AsNoTracking()
            .Where(run => run.Id == request.Id)
            .Select(run => SyncMapping.ToResponse(run, new RowVersion(EF.Property<uint>(run, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw SyncMapping.NotFound();
}
