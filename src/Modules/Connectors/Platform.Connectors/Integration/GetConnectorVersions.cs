using System.Globalization;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Persistence;

namespace Platform.Connectors.Integration;

internal sealed class GetConnectorVersionsValidator : AbstractValidator<GetConnectorVersionsQuery>
{
    private const int MaxIds = 1000;

    public GetConnectorVersionsValidator() => RuleFor(query => query.Ids).Must(ids => ids.Count <= MaxIds);
}

internal sealed class GetConnectorVersionsHandler(ConnectorsDbContext db)
    : IRequestHandler<GetConnectorVersionsQuery, IReadOnlyList<ConnectorVersion>>
{
    public async Task<IReadOnlyList<ConnectorVersion>> Handle(GetConnectorVersionsQuery request, CancellationToken cancellationToken)
    {
        var rows = await db.Connectors.AsNoTracking()
            .Where(connector => request.Ids.Contains(connector.Id))
            .Select(connector => new { connector.Id, connector.UpdatedAt })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => new ConnectorVersion(row.Id, row.UpdatedAt.Ticks.ToString(CultureInfo.InvariantCulture)))];
    }
}
