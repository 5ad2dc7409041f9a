using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Connectors;

/// <summary>What a deletion would take with it.</summary>
internal sealed record ListConnectorDependentsQuery(Guid Id) : IQuery<ConnectorDependents>;

internal sealed record ConnectorDependents(IReadOnlyList<ConnectorDependent> Dependents);

/// <param name="Type">Such as <c>dataset</c>.</param>
/// <param name="Id">The dependent thing.</param>
/// <param name="Name">Its name.</param>
internal sealed record ConnectorDependent(string Type, Guid Id, string Name);

internal sealed class ListConnectorDependentsHandler(ConnectorsDbContext db)
    : IRequestHandler<ListConnectorDependentsQuery, ConnectorDependents>
{
    public async Task<ConnectorDependents> Handle(ListConnectorDependentsQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Connectors.AnyAsync(connector => connector.Id == request.Id, cancellationToken))
        {
            throw ConnectorOpener.NotFound();
        }

        var datasets = await db.ConnectorStreams.AsNoTracking()
            .Where(stream => stream.ConnectorId == request.Id && stream.LastSync != null)
            .OrderBy(stream => stream.Name)
            .Select(stream => new ConnectorDependent("dataset", stream.Id, stream.Name))
            .ToListAsync(cancellationToken);
        return new ConnectorDependents(datasets);
    }
}
