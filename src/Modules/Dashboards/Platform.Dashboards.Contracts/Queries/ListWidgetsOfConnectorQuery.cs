using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Contracts.Queries;

/// <summary>The caller's widgets that a connector feeds, at most 200.</summary>
/// <param name="ConnectorId">The connector.</param>
public sealed record ListWidgetsOfConnectorQuery(Guid ConnectorId) : IQuery<IReadOnlyList<FedWidget>>;

/// <summary>A widget that shows a connector's data.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type, for example <c>bar</c>.</param>
/// <param name="DashboardId">Its dashboard.</param>
/// <param name="DashboardName">The dashboard's name.</param>
public sealed record FedWidget(Guid Id, string Type, Guid DashboardId, string DashboardName);
