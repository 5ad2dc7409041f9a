using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class ListDashboardsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).WithName("ListDashboards")
            .WithSummary("List your dashboards, newest first; tag leaves those that are filed under it");

    private static async Task<Ok<Page<DashboardResponse>>> HandleAsync(
        int? limit, string? cursor, string? tag, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListDashboardsQuery(limit, cursor, tag), cancellationToken));
}

internal sealed record ListDashboardsQuery(int? Limit, string? Cursor, string? Tag = null) : IQuery<Page<DashboardResponse>>;

internal sealed class ListDashboardsValidator : AbstractValidator<ListDashboardsQuery>
{
    public ListDashboardsValidator()
    {
        this.RuleForLimit(query => query.Limit);
        RuleFor(query => query.Tag).MaximumLength(BoardTags.MaxLength);
    }
}

internal sealed class ListDashboardsHandler(DashboardsDbContext db, ICurrentCaller caller, Cursors cursors)
    : IRequestHandler<ListDashboardsQuery, Page<DashboardResponse>>
{
    private const string List = "dashboards";

    private static readonly Func<DashboardsDbContext, Guid, Guid, int, IAsyncEnumerable<DashboardResponse>> Before =
        EF.CompileAsyncQuery((DashboardsDbContext db, Guid userId, Guid before, int count) =>
            db.Dashboards.AsNoTracking()
                .Where(dashboard => dashboard.UserId == userId && dashboard.Id < before)
                .OrderByDescending(dashboard => dashboard.Id)
                .Take(count)
                .Select(dashboard => new DashboardResponse(
                    dashboard.Id, dashboard.Name, dashboard.Description, dashboard.Layout, dashboard.Config, dashboard.IsPublic, dashboard.Tags,
                    dashboard.CreatedAt, dashboard.UpdatedAt, null)));

    private static readonly Func<DashboardsDbContext, Guid, Guid, string[], int, IAsyncEnumerable<DashboardResponse>> TaggedBefore =
        EF.CompileAsyncQuery((DashboardsDbContext db, Guid userId, Guid before, string[] tags, int count) =>
            db.Dashboards.AsNoTracking()
                .Where(dashboard => dashboard.UserId == userId && dashboard.Id < before && dashboard.Tags.Any(tag => tags.Contains(tag)))
                .OrderByDescending(dashboard => dashboard.Id)
                .Take(count)
                .Select(dashboard => new DashboardResponse(
                    dashboard.Id, dashboard.Name, dashboard.Description, dashboard.Layout, dashboard.Config, dashboard.IsPublic, dashboard.Tags,
                    dashboard.CreatedAt, dashboard.UpdatedAt, null)));

    public async Task<Page<DashboardResponse>> Handle(ListDashboardsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = new List<DashboardResponse>(page.Take + 1);
        var found = string.IsNullOrWhiteSpace(request.Tag)
            ? Before(db, caller.UserId, before, page.Take + 1)
            : TaggedBefore(db, caller.UserId, before, [BoardTags.Normalize(request.Tag)], page.Take + 1);
        await foreach (var item in found.WithCancellation(cancellationToken))
        {
            items.Add(item);
        }

        return cursors.ToPage(List, items, page, dashboard => dashboard.Id);
    }
}
