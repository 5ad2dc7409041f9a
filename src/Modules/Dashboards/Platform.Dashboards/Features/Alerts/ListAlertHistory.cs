using System.Text.Json;
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

internal sealed class ListAlertHistoryEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}/history", HandleAsync).WithName("ListAlertHistory").WithSummary("List the changes of an alert's state, newest first");

    private static async Task<Ok<Page<AlertHistoryItem>>> HandleAsync(
        Guid id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new ListAlertHistoryQuery(id, limit, cursor), cancellationToken));
}

internal sealed record ListAlertHistoryQuery(Guid AlertId, int? Limit, string? Cursor) : IQuery<Page<AlertHistoryItem>>;

/// <summary>A change of state; <c>notified</c> says whether somebody was to be told.</summary>
internal sealed record AlertHistoryItem(Guid Id, string State, JsonElement? Value, string? Detail, bool Notified, DateTimeOffset CreatedAt);

internal sealed class ListAlertHistoryValidator : AbstractValidator<ListAlertHistoryQuery>
{
    public ListAlertHistoryValidator() => this.RuleForLimit(query => query.Limit);
}

internal sealed class ListAlertHistoryHandler(DashboardsDbContext db, Cursors cursors)
    : IRequestHandler<ListAlertHistoryQuery, Page<AlertHistoryItem>>
{
    private const string List = "alert_history";

    public async Task<Page<AlertHistoryItem>> Handle(ListAlertHistoryQuery request, CancellationToken cancellationToken)
    {
        if (!await db.Alerts.AnyAsync(alert => alert.Id == request.AlertId, cancellationToken))
        {
            throw new NotFoundException("alert_not_found", "There is no such alert.");
        }

        var page = new PageRequest(request.Limit, request.Cursor);
        var before = cursors.Decode(List, page.Cursor) ?? Guid.AllBitsSet;
        var items = await db.AlertHistory.AsNoTracking()
            .Where(entry => entry.AlertId == request.AlertId && entry.Id < before)
            .OrderByDescending(entry => entry.Id)
            .Take(page.Take + 1)
            .Select(entry => new AlertHistoryItem(entry.Id, entry.State, entry.Value, entry.Detail, entry.Notified, entry.CreatedAt))
            .ToListAsync(cancellationToken);
        return cursors.ToPage(List, items, page, entry => entry.Id);
    }
}
