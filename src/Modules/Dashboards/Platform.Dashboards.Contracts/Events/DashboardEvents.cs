using Platform.SharedKernel.Events;

namespace Platform.Dashboards.Contracts.Events;

/// <summary>Its owner deleted a dashboard.</summary>
/// <param name="DashboardId">The dashboard.</param>
/// <param name="UserId">Its owner.</param>
[EventName("dashboards.dashboard-deleted.v1")]
public sealed record DashboardDeletedIntegrationEvent(Guid DashboardId, Guid UserId) : IntegrationEvent(DashboardId);
