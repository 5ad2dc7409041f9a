using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>The caller's connectors, by name, at most 200; with a name or an id, that one or none.</summary>
/// <param name="Name">The exact name to look for, or null for all.</param>
/// <param name="Id">The id to look for, or null for all.</param>
public sealed record ListConnectorNamesQuery(string? Name = null, Guid? Id = null) : IQuery<IReadOnlyList<ConnectorName>>;

/// <summary>A connector in short.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, for example <c>postgres</c>.</param>
/// <param name="Status">Its state, for example <c>active</c>.</param>
public sealed record ConnectorName(Guid Id, string Name, string Type, string Status);
