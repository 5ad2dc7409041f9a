using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Connectors;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Syncs;

internal sealed class ListSyncsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/syncs", HandleAsync).WithName("ListSyncs").WithSummary("List the syncs of a connector, newest first");

    private static async Task<Ok<Page<ConnectorSync>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListSyncsQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListSyncsQuery(Guid ConnectorId, int? Limit, string? Cursor) : IQuery<Page<ConnectorSync>>;

internal sealed class ListSyncsValidator : AbstractValidator<ListSyncsQuery>
{
    public ListSyncsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListSyncsHandler(ConnectorsDbContext db, Cursors cursors) : IRequestHandler<ListSyncsQuery, Page<ConnectorSync>>
{
    private const string List = "syncs";

    public async Task<Page<ConnectorSync>> Handle(ListSyncsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        if (!await db.Connectors.AnyAsync(connector => connector.Id == request.ConnectorId, cancellationToken))
        {
            throw ConnectorOpener.NotFound();
        }

        var items = await db.SyncRuns.AsNoTracking()
            .Where(run => run.ConnectorId == request.ConnectorId && run.Id < before)
            .OrderByDescending(run => run.Id)
            .Take(page.Take + 1)
            .Select(run => SyncMapping.ToResponse(run, null))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, run => run.Id);
    }
}
