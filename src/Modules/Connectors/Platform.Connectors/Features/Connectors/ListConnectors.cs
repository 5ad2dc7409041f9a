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

internal sealed class ListConnectorsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListConnectors").WithSummary("List your connectors, newest first");

    private static async Task<Ok<Page<ConnectorResponse>>> HandleAsync(
        int? limit, string? cursor, string? type, string? status, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListConnectorsQuery(limit, cursor, type, status), cancellationToken));
}

internal sealed record ListConnectorsQuery(int? Limit, string? Cursor, string? Type, string? Status) : IQuery<Page<ConnectorResponse>>;

internal sealed class ListConnectorsValidator : AbstractValidator<ListConnectorsQuery>
{
    public ListConnectorsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Type).MaximumLength(40);
        RuleFor(query => query.Status).MaximumLength(40);
    }
}

internal sealed class ListConnectorsHandler(
    ConnectorsDbContext db, Cursors cursors)
    : IRequestHandler<ListConnectorsQuery, Page<ConnectorResponse>>
{
    private const string List = "connectors";

    public async Task<Page<ConnectorResponse>> Handle(ListConnectorsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.Connectors.AsNoTracking()
            .Where(connector => connector.Id < before)
            .Where(connector => request.Type == null || connector.Type == request.Type)
            .Where(connector => request.Status == null || connector.Status == request.Status)
            .OrderByDescending(connector => connector.Id)
            .Take(page.Take + 1)
            .Select(connector => ConnectorResponse.From(connector, null))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, connector => connector.Id);
    }
}
