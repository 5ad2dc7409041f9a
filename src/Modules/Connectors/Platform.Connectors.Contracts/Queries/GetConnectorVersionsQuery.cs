using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>How the caller's connectors stand: what was read from one is out of date when its version is another.</summary>
/// <param name="Ids">The connectors.</param>
public sealed record GetConnectorVersionsQuery(IReadOnlyList<Guid> Ids) : IQuery<IReadOnlyList<ConnectorVersion>>;

/// <summary>The version of a connector; those that the caller does not have are left out.</summary>
/// <param name="Id">The connector.</param>
/// <param name="Version">Changes when the connector is configured or its datasets are written.</param>
public sealed record ConnectorVersion(Guid Id, string Version);
