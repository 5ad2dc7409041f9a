using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Sharing;

internal sealed class ListShareLinksEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/share-links", HandleAsync).WithName("ListShareLinks")
            .WithSummary("List the share links of your dashboard, newest first, without their tokens");

    private static async Task<Ok<Page<ShareLinkItem>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RequireOwnDashboardQuery(id), cancellationToken);
        return TypedResults.Ok(await mediator.Send(new ListShareLinksQuery(id, limit, cursor), cancellationToken));
    }
}

internal sealed record ListShareLinksQuery(Guid DashboardId, int? Limit, string? Cursor) : IQuery<Page<ShareLinkItem>>;

internal sealed record ShareLinkItem(
    Guid Id, DateTimeOffset? ExpiresAt, JsonElement LockedParameters, bool HasPassword, JsonElement AllowedOrigins, long Uses,
    DateTimeOffset? LastUsedAt, DateTimeOffset CreatedAt);

internal sealed class ListShareLinksValidator : AbstractValidator<ListShareLinksQuery>
{
    public ListShareLinksValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListShareLinksHandler(DashboardsDbContext db, Cursors cursors) : IRequestHandler<ListShareLinksQuery, Page<ShareLinkItem>>
{
    private const string List = "share_links";

    public async Task<Page<ShareLinkItem>> Handle(ListShareLinksQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.ShareLinks.AsNoTracking()
            .Where(link => link.DashboardId == request.DashboardId && link.Id < before)
            .OrderByDescending(link => link.Id)
            .Take(page.Take + 1)
            .Select(link => new ShareLinkItem(
                link.Id, link.ExpiresAt, link.LockedParameters, link.PasswordHash != null, link.AllowedOrigins, link.Uses, link.LastUsedAt,
                link.CreatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, item => item.Id);
    }
}
