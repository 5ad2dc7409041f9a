using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Connectors;

internal sealed class GetConnectorEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetConnector").WithSummary("Read a connector");

    private static async Task<Ok<ConnectorResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new GetConnectorQuery(id), cancellationToken));
}

internal sealed record GetConnectorQuery(Guid Id) : IQuery<ConnectorResponse>;

internal sealed class GetConnectorHandler(ConnectorsDbContext db) : IRequestHandler<GetConnectorQuery, ConnectorResponse>
{
    public async Task<ConnectorResponse> Handle(GetConnectorQuery request, CancellationToken cancellationToken) =>
        await db.Connectors.AsNoTracking()
            .Where(connector => connector.Id == request.Id)
            .Select(connector => ConnectorResponse.From(connector, new RowVersion(EF.Property<uint>(connector, "xmin"))))
            .SingleOrDefaultAsync(cancellationToken)
        ?? throw ConnectorOpener.NotFound();
}
