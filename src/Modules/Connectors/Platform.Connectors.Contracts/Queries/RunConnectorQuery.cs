using System.Text.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>Runs a read-only query on a connector of the caller. Throws a rule violation or conflict that says what is wrong.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Query">The query in the connector's own language; for <c>dataset</c>, DuckDB's SQL over the synced streams.</param>
/// <param name="Parameters">An object of named values, bound, never spliced; null for none.</param>
/// <param name="Limit">The most rows; null for the connector's own bound.</param>
/// <param name="TimeoutMs">The most milliseconds at the source; null for the connector's own bound.</param>
/// <param name="Source"><c>live</c> asks the source, <c>dataset</c> what was synced from it.</param>
public sealed record RunConnectorQuery(
    Guid ConnectorId, string Query, JsonElement? Parameters = null, int? Limit = null, int? TimeoutMs = null, string Source = "live")
    : IQuery<QueryResult>;
