using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;

namespace Platform.Connectors.Integration;

internal sealed class ListConnectorNamesValidator : AbstractValidator<ListConnectorNamesQuery>
{
    public ListConnectorNamesValidator() => RuleFor(query => query.Name).MaximumLength(Connector.MaxNameLength);
}

internal sealed class ListConnectorNamesHandler(
    ConnectorsDbContext db)
    : IRequestHandler<ListConnectorNamesQuery, IReadOnlyList<ConnectorName>>
{
    private const int MaxNames = 200;

    public async Task<IReadOnlyList<ConnectorName>> Handle(ListConnectorNamesQuery request, CancellationToken cancellationToken) =>
        await db.Connectors.AsNoTracking()
            .Where(connector => request.Name == null || connector.Name == request.Name)
            .Where(connector => request.Id == null || connector.Id == request.Id)
            .OrderBy(connector => connector.Name)
            .Take(MaxNames)
            .Select(connector => new ConnectorName(connector.Id, connector.Name, connector.Type, connector.Status))
            .ToListAsync(cancellationToken);
}
