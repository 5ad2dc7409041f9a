using Platform.SharedKernel.Events;

namespace Platform.Connectors.Contracts.Events;

/// <summary>Its owner deleted a connector.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="UserId">Its owner.</param>
[EventName("connectors.connector-deleted.v1")]
public sealed record ConnectorDeletedIntegrationEvent(Guid ConnectorId, Guid UserId) : IntegrationEvent(ConnectorId);

/// <summary>A sync has ended well: the datasets hold what the source had.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="SyncRunId">The run.</param>
/// <param name="UserId">The connector's owner.</param>
/// <param name="Rows">How many rows it read.</param>
[EventName("connectors.connector-synced.v1")]
public sealed record ConnectorSyncedIntegrationEvent(
    Guid ConnectorId, Guid SyncRunId, Guid UserId, long Rows) : IntegrationEvent(ConnectorId);

/// <summary>A sync has failed: the datasets hold what they held before.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="SyncRunId">The run.</param>
/// <param name="UserId">The connector's owner.</param>
/// <param name="Code">Why, as a stable code.</param>
[EventName("connectors.connector-sync-failed.v1")]
public sealed record ConnectorSyncFailedIntegrationEvent(
    Guid ConnectorId, Guid SyncRunId, Guid UserId, string Code) : IntegrationEvent(ConnectorId);

/// <summary>A source has stopped answering, or answers again: one event for each change of the connector's status.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="UserId">The connector's owner.</param>
/// <param name="Status">The status now: <c>active</c> or <c>error</c>.</param>
/// <param name="Code">Why it is <c>error</c>, as a stable code; else null.</param>
/// <param name="ChangedAt">When it was found.</param>
[EventName("connectors.connector-health-changed.v1")]
public sealed record ConnectorHealthChangedIntegrationEvent(
    Guid ConnectorId, Guid UserId, string Status, string? Code, DateTimeOffset ChangedAt) : IntegrationEvent(ConnectorId);
