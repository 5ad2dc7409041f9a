using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>What a board is, apart from whose: what a version keeps, a copy takes and an export carries.</summary>
internal sealed record BoardDocument(
    string Name, string? Description, JsonElement Layout, JsonElement Config, IReadOnlyList<WidgetDocument> Widgets);

/// <summary>A widget of a <see cref="BoardDocument"/>.</summary>
internal sealed record WidgetDocument(
    Guid Id,
    string Type,
    JsonElement Config,
    JsonElement? DataQuery,
    Guid? ConnectorId,
    int PositionX,
    int PositionY,
    int Width,
    int Height)
{
    public WidgetContent Content => new(Type, Config, DataQuery, ConnectorId);

    public GridPlace Place => new(PositionX, PositionY, Width, Height);
}
