using Platform.Connectors.Contracts.Events;
using Platform.Connectors.Domain;
using Platform.Connectors.Persistence;

namespace Platform.Connectors.Features.Health;

/// <summary>What follows when a connector is found to work, or not to: one event for each change of its status.</summary>
internal static class HealthChange
{
    /// <returns>Whether the status has changed.</returns>
    public static bool Record(
        ConnectorsDbContext db, Connector connector, bool healthy, string? code, string? detail, DateTimeOffset now)
    {
        var changes = connector.RecordHealth(healthy, code, detail, now);
        if (changes)
        {
            db.Publish(
                new ConnectorHealthChangedIntegrationEvent(connector.Id, connector.UserId, connector.Status, healthy ? null : code, now));
        }

        return changes;
    }
}
