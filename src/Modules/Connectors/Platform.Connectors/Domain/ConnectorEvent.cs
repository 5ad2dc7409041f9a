using System.Text.Json;

namespace Platform.Connectors.Domain;

/// <summary>Something that happened to a connector, and why its status is what it is.</summary>
internal sealed class ConnectorEvent
{
    private const int MaxDetailLength = 1000;

    private ConnectorEvent(
        Guid id, Guid connectorId, Guid userId, string type, string? status, string? code, string? detail, JsonElement data,
        DateTimeOffset createdAt)
    {
        (Id, ConnectorId, UserId, Type, Status) = (id, connectorId, userId, type, status);
        (Code, Detail, Data, CreatedAt) = (code, detail, data, createdAt);
    }

    public Guid Id { get; private init; }

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public string Type { get; private init; }

    public string? Status { get; private init; }

    public string? Code { get; private init; }

    public string? Detail { get; private init; }

    public JsonElement Data { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public static ConnectorEvent Of(
        Connector connector, string type, DateTimeOffset now, string? code = null, string? detail = null, object? data = null) =>
        new(
            Guid.CreateVersion7(now), connector.Id, connector.UserId, type, connector.Status, code,
            detail?.Length > MaxDetailLength ? detail[..MaxDetailLength] : detail, JsonSerializer.SerializeToElement(data ?? new { }), now);
}
