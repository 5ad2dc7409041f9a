using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Contracts.Commands;

/// <summary>Puts a widget below the others of one of the caller's dashboards.</summary>
/// <param name="DashboardName">The dashboard's exact name.</param>
/// <param name="Type">The widget's type, for example <c>line</c>.</param>
/// <param name="Config">The widget's config.</param>
/// <param name="ConnectorId">The connector that feeds it, or null.</param>
/// <param name="DataQuery">The query that feeds it, or null.</param>
public sealed record PinWidgetCommand(string DashboardName, string Type, JsonElement Config, Guid? ConnectorId, JsonElement? DataQuery)
    : ICommand<PinnedWidget>;

/// <summary>Where a widget was put.</summary>
/// <param name="WidgetId">The widget.</param>
/// <param name="DashboardId">Its dashboard.</param>
public sealed record PinnedWidget(Guid WidgetId, Guid DashboardId);
