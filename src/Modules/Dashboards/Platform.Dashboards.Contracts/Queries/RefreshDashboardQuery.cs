using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Contracts.Queries;

/// <summary>Reads the data of all widgets of a dashboard anew, one after the other.</summary>
/// <param name="DashboardId">A dashboard that the caller sees.</param>
public sealed record RefreshDashboardQuery(Guid DashboardId) : IQuery<DashboardRefresh>;

/// <summary>How reading a dashboard's data went.</summary>
/// <param name="DashboardId">The dashboard.</param>
/// <param name="Widgets">Its widgets that have a query, in the order of their places.</param>
public sealed record DashboardRefresh(Guid DashboardId, IReadOnlyList<WidgetRefresh> Widgets);

/// <summary>How reading a widget's data went.</summary>
/// <param name="WidgetId">The widget.</param>
/// <param name="Rows">How many rows it shows; null where it failed.</param>
/// <param name="AsOf">The time of the data; null where it failed.</param>
/// <param name="ErrorCode">Why it failed; null where it did not.</param>
public sealed record WidgetRefresh(Guid WidgetId, int? Rows, DateTimeOffset? AsOf, string? ErrorCode);
