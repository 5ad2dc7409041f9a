using System.Text.Json;

namespace Platform.Dashboards.Domain;

/// <summary>What a widget shows, apart from where.</summary>
internal sealed record WidgetContent(string Type, JsonElement Config, JsonElement? DataQuery, Guid? ConnectorId);

/// <summary>One chart, table, number or text on a dashboard.</summary>
internal sealed class Widget
{
    private Widget(
        Guid id, Guid userId, Guid? connectorId, string type, JsonElement config, JsonElement? dataQuery,
        int positionX, int positionY, int width, int height, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        (Id, UserId, ConnectorId, Type, Config, DataQuery) = (id, userId, connectorId, type, config, dataQuery);
        (PositionX, PositionY, Width, Height) = (positionX, positionY, width, height);
        (CreatedAt, UpdatedAt) = (createdAt, updatedAt);
    }

    public Guid Id { get; private init; }

    public Guid DashboardId { get; private init; }

    public Guid UserId { get; private init; }

    public Guid? ConnectorId { get; private set; }

    public string Type { get; private set; }

    public JsonElement Config { get; private set; }

    public JsonElement? DataQuery { get; private set; }

    public int PositionX { get; private set; }

    public int PositionY { get; private set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public GridPlace Place => new(PositionX, PositionY, Width, Height);

    public WidgetContent Content => new(Type, Config, DataQuery, ConnectorId);

    public WidgetDocument Document => new(Id, Type, Config, DataQuery, ConnectorId, PositionX, PositionY, Width, Height);

    public static Widget Create(Guid userId, WidgetContent content, GridPlace place, DateTimeOffset now) =>
        Create(Guid.CreateVersion7(now), userId, content, place, now);

    public static Widget Create(Guid id, Guid userId, WidgetContent content, GridPlace place, DateTimeOffset now) =>
        new(
            id, userId, content.ConnectorId, content.Type, content.Config, content.DataQuery,
            place.X, place.Y, place.Width, place.Height, now, now);

    public void Change(WidgetContent content, GridPlace place, DateTimeOffset now)
    {
        (Type, Config, DataQuery, ConnectorId) = (content.Type, content.Config, content.DataQuery, content.ConnectorId);
        Move(place, now);
        UpdatedAt = now;
    }

    public void Move(GridPlace place, DateTimeOffset now)
    {
        if (place == Place)
        {
            return;
        }

        (PositionX, PositionY, Width, Height) = (place.X, place.Y, place.Width, place.Height);
        UpdatedAt = now;
    }

    /// <summary>Its connector is gone: the widget stays and says so.</summary>
    public void DetachConnector(DateTimeOffset now) => (ConnectorId, UpdatedAt) = (null, now);
}
