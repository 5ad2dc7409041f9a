using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Alerts;

internal sealed class ListAlertsEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/alerts", HandleAsync).WithName("ListAlerts").WithSummary("List the alerts of your widget, newest first");

    private static async Task<Ok<Page<AlertResponse>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListAlertsQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListAlertsQuery(Guid WidgetId, int? Limit, string? Cursor) : IQuery<Page<AlertResponse>>;

internal sealed class ListAlertsValidator : AbstractValidator<ListAlertsQuery>
{
    public ListAlertsValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListAlertsHandler(DashboardsDbContext db, Cursors cursors) : IRequestHandler<ListAlertsQuery, Page<AlertResponse>>
{
    private const string List = "alerts";

    public async Task<Page<AlertResponse>> Handle(ListAlertsQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Widgets.AnyAsync(widget => widget.Id == request.WidgetId, cancellationToken))
        {
            throw new NotFoundException("widget_not_found", "There is no such widget.");
        }

        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.Alerts.AsNoTracking()
            .Where(alert => alert.WidgetId == request.WidgetId && alert.Id < before)
            .OrderByDescending(alert => alert.Id)
            .Take(page.Take + 1)
            .Select(alert => AlertResponse.From(alert, null))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, alert => alert.Id);
    }
}
