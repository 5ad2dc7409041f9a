using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Schemas;

/// <summary>Asks the source itself what it offers.</summary>
internal sealed record ReadSourceSchemaQuery(Guid ConnectorId, string? Search = null) : IQuery<IReadOnlyList<ConnectorTable>>;

internal sealed class ReadSourceSchemaValidator : AbstractValidator<ReadSourceSchemaQuery>
{
    public ReadSourceSchemaValidator() => RuleFor(query => query.Search).MaximumLength(200);
}

internal sealed class ReadSourceSchemaHandler(ConnectorOpener opener)
    : IRequestHandler<ReadSourceSchemaQuery, IReadOnlyList<ConnectorTable>>
{
    public async Task<IReadOnlyList<ConnectorTable>> Handle(ReadSourceSchemaQuery request, CancellationToken cancellationToken)
    {
        var connector = await opener.OpenAsync(request.ConnectorId, ConnectorTypes.Discover, cancellationToken);
        return ToTables(await ConnectorOpener.AsProblemAsync(
            () => connector.Type.DiscoverAsync(connector.Settings, request.Search, cancellationToken)));
    }

    public static IReadOnlyList<ConnectorTable> ToTables(IReadOnlyList<SourceTable> tables) =>
        [.. tables.Select(table => new ConnectorTable(
            table.Name, [.. table.Columns.Select(column => new ConnectorColumn(column.Name, column.Type, column.Nullable))])
        {
            Notes = table.Notes,
        })];
}

/// <summary>Whether what is known of a source is too old, or nothing is.</summary>
internal sealed record IsSchemaStaleQuery(Guid ConnectorId) : IQuery<SchemaAge>;

/// <param name="IsKnown">Whether the source was read since it was configured.</param>
/// <param name="IsStale">Whether it should be read again.</param>
internal sealed record SchemaAge(bool IsKnown, bool IsStale);

internal sealed class IsSchemaStaleHandler(
    ConnectorsDbContext db, ConnectorTypes types, IOptions<ConnectorsOptions> options, TimeProvider clock)
    : IRequestHandler<IsSchemaStaleQuery, SchemaAge>
{
    public async Task<SchemaAge> Handle(IsSchemaStaleQuery request, CancellationToken cancellationToken)
    {
        var kind = await db.Connectors.Where(connector => connector.Id == request.ConnectorId)
            .Select(connector => connector.Type).SingleOrDefaultAsync(cancellationToken) ?? throw ConnectorOpener.NotFound();
        var fetchedAt = await db.Schemas.Where(schema => schema.ConnectorId == request.ConnectorId)
            .Select(schema => (DateTimeOffset?)schema.FetchedAt).SingleOrDefaultAsync(cancellationToken);
        var canDiscover = types.TryGet(kind, out var type) && type.Capabilities.Contains(ConnectorTypes.Discover);
        var isOld = fetchedAt is null || clock.GetUtcNow() - fetchedAt >= TimeSpan.FromSeconds(options.Value.SchemaSeconds);
        return new SchemaAge(fetchedAt is not null, canDiscover && isOld);
    }
}
