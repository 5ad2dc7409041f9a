using System.Text.Json;
using Platform.Dashboards.Domain;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Widgets;

internal sealed record WidgetResponse(
    Guid Id,
    Guid DashboardId,
    Guid? ConnectorId,
    string Type,
    JsonElement Config,
    JsonElement? DataQuery,
    int PositionX,
    int PositionY,
    int Width,
    int Height,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : VersionedResponse
{
    public static WidgetResponse From(Widget widget, RowVersion? version) =>
        new(
            widget.Id, widget.DashboardId, widget.ConnectorId, widget.Type, widget.Config, widget.DataQuery,
            widget.PositionX, widget.PositionY, widget.Width, widget.Height, widget.CreatedAt, widget.UpdatedAt)
        { Version = version };
}
