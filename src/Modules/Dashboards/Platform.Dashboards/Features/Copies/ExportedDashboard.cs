using System.Text.Json;
using Platform.Dashboards.Features.Widgets;

namespace Platform.Dashboards.Features.Copies;

/// <summary>
/// A dashboard as a file: what <c>GET /dashboards/{id}/export?format=json</c> gives and <c>POST /dashboards/import</c> takes. Holds no data and
/// no secret; ids are stable, so that a file can be kept under version control and imported again.
/// </summary>
/// <param name="Format">Always <c>platform.dashboard</c>.</param>
/// <param name="FormatVersion">Always 1.</param>
/// <param name="Dashboard">The board.</param>
/// <param name="ExportedAt">When it was written; not read.</param>
internal sealed record ExportedDashboard(string Format, int FormatVersion, ExportedBoard Dashboard, DateTimeOffset? ExportedAt = null)
{
    public const string KnownFormat = "platform.dashboard";
    public const int KnownVersion = 1;
}

internal sealed record ExportedBoard(
    Guid Id,
    string Name,
    IReadOnlyList<ExportedWidget> Widgets,
    string? Description = null,
    JsonElement? Layout = null,
    JsonElement? Config = null);

internal sealed record ExportedWidget(
    Guid Id,
    string Type,
    int PositionX,
    int PositionY,
    int Width,
    int Height,
    JsonElement? Config = null,
    DataQuery? DataQuery = null,
    ConnectorReference? Connector = null);
