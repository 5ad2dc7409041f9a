using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Data;

/// <summary>What the widgets of a board ask, as far as the caller sees the board.</summary>
internal sealed record BoardAsks(Guid DashboardId, Guid OwnerId, JsonElement Config, IReadOnlyList<WidgetAsk> Widgets)
{
    /// <summary>The names that the widgets' queries declare themselves.</summary>
    public HashSet<string> QueryNames => [.. Widgets
        .SelectMany(widget => widget.Query?.Parameters is { ValueKind: JsonValueKind.Object } declared ? declared.EnumerateObject() : default)
        .Select(member => member.Name)];
}

/// <summary>What one widget asks.</summary>
internal sealed record WidgetAsk(Guid Id, string Type, JsonElement Config, Guid? ConnectorId, JsonElement? Document)
{
    public DataQuery? Query => Document is { } document ? StoredQuery.Read(document) : null;
}

/// <summary>Reads what a board asks: all of it, or one of its widgets.</summary>
internal sealed record ReadBoardAsksQuery(Guid? DashboardId, Guid? WidgetId = null) : IQuery<BoardAsks>;

internal sealed class ReadBoardAsksHandler(DashboardsDbContext db) : IRequestHandler<ReadBoardAsksQuery, BoardAsks>
{
    public async Task<BoardAsks> Handle(ReadBoardAsksQuery request, CancellationToken cancellationToken)
    {
        var widgets = db.Widgets.Where(widget => request.WidgetId == null ? widget.DataQuery != null : widget.Id == request.WidgetId);
        var found = await db.Dashboards.AsNoTracking()
            .Where(dashboard => request.DashboardId != null
                ? dashboard.Id == request.DashboardId
                : dashboard.Id == db.Widgets.Where(widget => widget.Id == request.WidgetId).Select(widget => widget.DashboardId).SingleOrDefault())
            .Select(dashboard => new BoardAsks(
                dashboard.Id, dashboard.UserId, dashboard.Config,
                widgets.Where(widget => widget.DashboardId == dashboard.Id)
                    .OrderBy(widget => widget.PositionY).ThenBy(widget => widget.PositionX)
                    .Select(widget => new WidgetAsk(widget.Id, widget.Type, widget.Config, widget.ConnectorId, widget.DataQuery))
                    .ToList()))
            .SingleOrDefaultAsync(cancellationToken);
        return found ?? throw (request.WidgetId is null
            ? new NotFoundException("dashboard_not_found", "There is no such dashboard.")
            : new NotFoundException("widget_not_found", "There is no such widget."));
    }
}
