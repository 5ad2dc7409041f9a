using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>The tables of a connector of the caller.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Search">Part of a table's or column's name, or null for all.</param>
public sealed record DescribeConnectorQuery(Guid ConnectorId, string? Search = null) : IQuery<ConnectorSchema>;

/// <summary>What a connector offers.</summary>
/// <param name="Tables">Its tables.</param>
public sealed record ConnectorSchema(IReadOnlyList<ConnectorTable> Tables);

/// <summary>A table of a connector.</summary>
/// <param name="Name">Its name, as a query writes it.</param>
/// <param name="Columns">Its columns, in order.</param>
public sealed record ConnectorTable(string Name, IReadOnlyList<ConnectorColumn> Columns);

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, in the words of <see cref="ResultColumn"/>.</param>
/// <param name="Nullable">Whether it may be null.</param>
public sealed record ConnectorColumn(string Name, string Type, bool Nullable);
