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

namespace Platform.Dashboards.Features.Versions;

internal sealed class ListVersionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/versions", HandleAsync).WithName("ListDashboardVersions")
            .WithSummary("List what your dashboard was, newest first; the last 100 changes are kept");

    private static async Task<Ok<Page<VersionItem>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken)
    {
        await mediator.Send(new RequireOwnDashboardQuery(id), cancellationToken);
        return TypedResults.Ok(await mediator.Send(new ListVersionsQuery(id, limit, cursor), cancellationToken));
    }
}

internal sealed record ListVersionsQuery(Guid DashboardId, int? Limit, string? Cursor) : IQuery<Page<VersionItem>>;

/// <summary>A version in short. <c>author_id</c> is null where the system itself made the change.</summary>
internal sealed record VersionItem(int Version, string Name, int WidgetCount, string? Reason, Guid? AuthorId, DateTimeOffset CreatedAt);

internal sealed class ListVersionsValidator : AbstractValidator<ListVersionsQuery>
{
    public ListVersionsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListVersionsHandler(DashboardsDbContext db, Cursors cursors) : IRequestHandler<ListVersionsQuery, Page<VersionItem>>
{
    private const string List = "dashboard_versions";

    public async Task<Page<VersionItem>> Handle(ListVersionsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) is { } place ? NumberOf(place) : int.MaxValue;
        var rows = await db.DashboardVersions.AsNoTracking()
            .Where(version => version.DashboardId == request.DashboardId && version.Version < before)
            .OrderByDescending(version => version.Version)
            .Take(page.Take + 1)
            .ToListAsync(cancellationToken);
        var items = rows.Select(row => new VersionItem(
            row.Version, row.Snapshot.GetProperty("name").GetString()!, row.Snapshot.GetProperty("widgets").GetArrayLength(),
            row.Reason, row.AuthorId, row.CreatedAt)).ToList();
        return cursors.ToPage(List, items, page, item => PlaceOf(item.Version));
    }

    // A cursor holds an id; a version's number is its last four bytes.
    private static Guid PlaceOf(int version) => new(0, 0, 0, 0, 0, 0, 0, (byte)(version >> 24), (byte)(version >> 16), (byte)(version >> 8), (byte)version);

    private static int NumberOf(Guid place)
    {
        var bytes = place.ToByteArray();
        return (bytes[12] << 24) | (bytes[13] << 16) | (bytes[14] << 8) | bytes[15];
    }
}
