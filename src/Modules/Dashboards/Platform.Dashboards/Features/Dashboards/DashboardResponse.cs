using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Widgets;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Dashboards;

/// <summary>A dashboard; its widgets are left out of lists.</summary>
internal sealed record DashboardResponse(
    Guid Id,
    string Name,
    string? Description,
    JsonElement Layout,
    JsonElement Config,
    bool IsPublic,
    IReadOnlyList<string> Tags,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WidgetResponse>? Widgets = null) : VersionedResponse
{
    public static DashboardResponse From(Dashboard dashboard, RowVersion version) =>
        new(
            dashboard.Id, dashboard.Name, dashboard.Description, dashboard.Layout, dashboard.Config, dashboard.IsPublic, dashboard.Tags,
            dashboard.CreatedAt, dashboard.UpdatedAt, dashboard.Widgets.Select(widget => WidgetResponse.From(widget, null)).ToList())
        { Version = version };
}
