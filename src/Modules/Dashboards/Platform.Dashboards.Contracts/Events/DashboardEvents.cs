using Platform.SharedKernel.Events;

namespace Platform.Dashboards.Contracts.Events;

/// <summary>Its owner deleted a dashboard.</summary>
/// <param name="DashboardId">The dashboard.</param>
/// <param name="UserId">Its owner.</param>
[EventName("dashboards.dashboard-deleted.v1")]
public sealed record DashboardDeletedIntegrationEvent(Guid DashboardId, Guid UserId) : IntegrationEvent(DashboardId);

/// <summary>An alert of a widget has another state: it fires, its query fails, or it has recovered.</summary>
/// <param name="AlertId">The alert.</param>
/// <param name="WidgetId">The widget that it watches.</param>
/// <param name="UserId">Its owner.</param>
/// <param name="State"><c>firing</c>, <c>error</c> or <c>ok</c>.</param>
/// <param name="Before">The state before.</param>
/// <param name="CheckedAt">When that was found.</param>
[EventName("dashboards.alert-fired.v1")]
public sealed record AlertFiredIntegrationEvent(
    Guid AlertId, Guid WidgetId, Guid UserId, string State, string Before, DateTimeOffset CheckedAt) : IntegrationEvent(AlertId);
