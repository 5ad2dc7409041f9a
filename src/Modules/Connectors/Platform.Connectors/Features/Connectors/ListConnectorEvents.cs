using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Connectors.Features.Connectors;

internal sealed class ListConnectorEventsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/events-log", HandleAsync).WithName("ListConnectorEvents")
            .WithSummary("What happened to a connector and why its status changed, newest first");

    private static async Task<Ok<Page<ConnectorEventResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListConnectorEventsQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ConnectorEventResponse(
    Guid Id, string Type, string? Status, string? Code, string? Detail, JsonElement Data, DateTimeOffset CreatedAt);

internal sealed record ListConnectorEventsQuery(Guid Id, int? Limit, string? Cursor) : IQuery<Page<ConnectorEventResponse>>;

internal sealed class ListConnectorEventsValidator : AbstractValidator<ListConnectorEventsQuery>
{
    public ListConnectorEventsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListConnectorEventsHandler(ConnectorsDbContext db, Cursors cursors)
    : IRequestHandler<ListConnectorEventsQuery, Page<ConnectorEventResponse>>
{
    private const string List = "connector-events";

    public async Task<Page<ConnectorEventResponse>> Handle(ListConnectorEventsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        if (!await db.Connectors.AnyAsync(connector => connector.Id == request.Id, cancellationToken))
        {
            throw ConnectorOpener.NotFound();
        }

        var items = await db.ConnectorEvents.AsNoTracking()
            .Where(entry => entry.ConnectorId == request.Id && entry.Id < before)
            .OrderByDescending(entry => entry.Id)
            .Take(page.Take + 1)
            .Select(entry => new ConnectorEventResponse(
                entry.Id, entry.Type, entry.Status, entry.Code, entry.Detail, entry.Data, entry.CreatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, entry => entry.Id);
    }
}
