using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.Identity.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Grants;

internal sealed class ListSharedDashboardsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/shared", HandleAsync).WithName("ListSharedDashboards")
            .WithSummary("List the dashboards that others let you use, newest first");

    private static async Task<Ok<Page<SharedDashboardResponse>>> HandleAsync(
        int? limit, string? cursor, string? tag, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListSharedDashboardsQuery(limit, cursor, tag), cancellationToken));
}

internal sealed record ListSharedDashboardsQuery(int? Limit, string? Cursor, string? Tag = null) : IQuery<Page<SharedDashboardResponse>>;

internal sealed record SharedDashboardResponse(
    Guid Id, string Name, string? Description, Guid OwnerId, string Role, IReadOnlyList<string> Tags, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

internal sealed class ListSharedDashboardsValidator : AbstractValidator<ListSharedDashboardsQuery>
{
    public ListSharedDashboardsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Tag).MaximumLength(BoardTags.MaxLength);
    }
}

internal sealed class ListSharedDashboardsHandler(DashboardsDbContext db, IMediator mediator, Cursors cursors)
    : IRequestHandler<ListSharedDashboardsQuery, Page<SharedDashboardResponse>>
{
    private const string List = "shared_dashboards";

    public async Task<Page<SharedDashboardResponse>> Handle(ListSharedDashboardsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var held = await mediator.Send(new ListHeldGrantsQuery(DashboardAccess.ObjectType), cancellationToken);
        var roles = held.ToLookup(grant => (grant.ObjectId, grant.OwnerId), grant => grant.Role);
        var ids = held.Select(grant => grant.ObjectId).ToList();
        var tag = string.IsNullOrWhiteSpace(request.Tag) ? null : BoardTags.Normalize(request.Tag);
        // By their ids: without them, row-level security would have to look at everybody's dashboards.
        var found = await db.Dashboards.AsNoTracking()
            .Where(dashboard => ids.Contains(dashboard.Id) && dashboard.Id < before && (tag == null || dashboard.Tags.Contains(tag)))
            .OrderByDescending(dashboard => dashboard.Id)
            .Take(page.Take + 1)
            .Select(dashboard => new
            {
                dashboard.Id,
                dashboard.Name,
                dashboard.Description,
                dashboard.UserId,
                dashboard.Tags,
                dashboard.CreatedAt,
                dashboard.UpdatedAt,
            })
            .ToListAsync(cancellationToken);
        var items = found
            .SelectMany(dashboard => roles[(dashboard.Id, dashboard.UserId)].Take(1).Select(role => new SharedDashboardResponse(
                dashboard.Id, dashboard.Name, dashboard.Description, dashboard.UserId, role, dashboard.Tags, dashboard.CreatedAt, dashboard.UpdatedAt)))
            .ToList();
        return cursors.ToPage(List, items, page, dashboard => dashboard.Id);
    }
}
