using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
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
        routes.MapGet("/", HandleAsync).WithName("ListDashboards").WithSummary("List your dashboards, newest first");

    private static async Task<Ok<Page<DashboardResponse>>> HandleAsync(
        int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListDashboardsQuery(limit, cursor), cancellationToken));
}

internal sealed record ListDashboardsQuery(int? Limit, string? Cursor) : IQuery<Page<DashboardResponse>>;

internal sealed class ListDashboardsValidator : AbstractValidator<ListDashboardsQuery>
{
    public ListDashboardsValidator() => this.RuleForLimit(query => query.Limit);
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
                    dashboard.Id, dashboard.Name, dashboard.Description, dashboard.Layout, dashboard.Config, dashboard.IsPublic,
                    dashboard.CreatedAt, dashboard.UpdatedAt, null)));

    public async Task<Page<DashboardResponse>> Handle(ListDashboardsQuery request, CancellationToken cancellationToken)
    {
        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = new List<DashboardResponse>(page.Take + 1);
        await foreach (var item in Before(db, caller.UserId, before, page.Take + 1).WithCancellation(cancellationToken))
        {
            items.Add(item);
        }

        return cursors.ToPage(List, items, page, dashboard => dashboard.Id);
    }
}
