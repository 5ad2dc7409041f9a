using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Subscriptions;

internal sealed class ListSubscriptionsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/subscriptions", HandleAsync).WithName("ListSubscriptions")
            .WithSummary("List your own subscriptions to a dashboard, newest first");

    private static async Task<Ok<Page<SubscriptionResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListSubscriptionsQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListSubscriptionsQuery(Guid DashboardId, int? Limit, string? Cursor) : IQuery<Page<SubscriptionResponse>>;

internal sealed class ListSubscriptionsValidator : AbstractValidator<ListSubscriptionsQuery>
{
    public ListSubscriptionsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListSubscriptionsHandler(DashboardsDbContext db, ICurrentCaller caller, Cursors cursors)
    : IRequestHandler<ListSubscriptionsQuery, Page<SubscriptionResponse>>
{
    private const string List = "subscriptions";

    public async Task<Page<SubscriptionResponse>> Handle(ListSubscriptionsQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Dashboards.AnyAsync(dashboard => dashboard.Id == request.DashboardId, cancellationToken))
        {
            throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        }

        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.Subscriptions.AsNoTracking()
            .Where(subscription => subscription.DashboardId == request.DashboardId && subscription.UserId == caller.UserId && subscription.Id < before)
            .OrderByDescending(subscription => subscription.Id).Take(page.Take + 1)
            .Select(subscription => SubscriptionResponse.From(subscription, null)).ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, subscription => subscription.Id);
    }
}
