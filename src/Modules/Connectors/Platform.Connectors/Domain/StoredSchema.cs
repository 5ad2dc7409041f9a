using System.Text.Json;
using Platform.Connectors.Contracts.Queries;

namespace Platform.Connectors.Domain;

/// <summary>The tables of a source as they were read last.</summary>
internal sealed class StoredSchema
{
    private StoredSchema(Guid connectorId, Guid userId, JsonElement tables, DateTimeOffset fetchedAt) =>
        (ConnectorId, UserId, Tables, FetchedAt) = (connectorId, userId, tables, fetchedAt);

    public Guid ConnectorId { get; private init; }

    public Guid UserId { get; private init; }

    public JsonElement Tables { get; private set; }

    public DateTimeOffset FetchedAt { get; private set; }

    /// <summary>The last change that was seen: a <see cref="SchemaDrift"/>.</summary>
    public JsonElement? Drift { get; private set; }

    public static StoredSchema Create(Guid connectorId, Guid userId, IReadOnlyList<ConnectorTable> tables, DateTimeOffset now) =>
        new(connectorId, userId, JsonSerializer.SerializeToElement(tables), now);

    public IReadOnlyList<ConnectorTable> ReadTables() => Tables.Deserialize<List<ConnectorTable>>()!;

    public SchemaDrift? ReadDrift() => Drift?.Deserialize<SchemaDrift>();

    /// <summary>The source was read again.</summary>
    /// <param name="tables">What it has now.</param>
    /// <param name="drift">What is different; null if nothing is.</param>
    /// <param name="now">The time.</param>
    public void Refresh(IReadOnlyList<ConnectorTable> tables, SchemaDrift? drift, DateTimeOffset now)
    {
        (Tables, FetchedAt) = (JsonSerializer.SerializeToElement(tables), now);
        Drift = drift is null ? Drift : JsonSerializer.SerializeToElement(drift);
    }
}
