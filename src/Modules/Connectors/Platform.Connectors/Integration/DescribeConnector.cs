using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Features.Schemas;
using Platform.Connectors.Persistence;

namespace Platform.Connectors.Integration;

internal sealed class DescribeConnectorValidator : AbstractValidator<DescribeConnectorQuery>
{
    public DescribeConnectorValidator() => RuleFor(query => query.Search).MaximumLength(200);
}

internal sealed class DescribeConnectorHandler(ConnectorsDbContext db, IMediator mediator, TimeProvider clock)
    : IRequestHandler<DescribeConnectorQuery, ConnectorSchema>
{
    // A source lists no more; beyond it a search is the source's.
    private const int MostTables = 500;

    public async Task<ConnectorSchema> Handle(DescribeConnectorQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Connectors.AnyAsync(connector => connector.Id == request.ConnectorId, cancellationToken))
        {
            throw ConnectorOpener.NotFound();
        }

        var search = string.IsNullOrWhiteSpace(request.Search) ? null : request.Search.Trim();
        var stored = await db.Schemas.AsNoTracking()
            .SingleOrDefaultAsync(schema => schema.ConnectorId == request.ConnectorId, cancellationToken);
        var tables = stored?.ReadTables();
        if (tables is null || (search is not null && tables.Count >= MostTables))
        {
            var read = await mediator.Send(new ReadSourceSchemaQuery(request.ConnectorId, search), cancellationToken);
            return new ConnectorSchema(read) { AsOf = clock.GetUtcNow(), Drift = stored?.ReadDrift() };
        }

        return new ConnectorSchema([.. tables.Where(table => search is null || Matches(table, search))])
        {
            AsOf = stored!.FetchedAt,
            AgeSeconds = Math.Max(0, (long)(clock.GetUtcNow() - stored.FetchedAt).TotalSeconds),
            Drift = stored.ReadDrift(),
        };
    }

    private static bool Matches(ConnectorTable table, string search) =>
        table.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || table.Columns.Any(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase));
}
