using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Contracts.Queries;

/// <summary>The tables of a connector of the caller.</summary>
/// <param name="ConnectorId">The connector.</param>
/// <param name="Search">Part of a table's or column's name, or null for all.</param>
public sealed record DescribeConnectorQuery(Guid ConnectorId, string? Search = null) : IQuery<ConnectorSchema>;

/// <summary>What a connector offers.</summary>
/// <param name="Tables">Its tables.</param>
public sealed record ConnectorSchema(IReadOnlyList<ConnectorTable> Tables)
{
    /// <summary>When the source was asked.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>How old that is, in seconds.</summary>
    public long AgeSeconds { get; init; }

    /// <summary>The last change that was seen; null if none was.</summary>
    public SchemaDrift? Drift { get; init; }
}

/// <summary>A change of a source's tables.</summary>
/// <param name="DetectedAt">When it was seen.</param>
/// <param name="AddedTables">Tables that are new.</param>
/// <param name="DroppedTables">Tables that are gone.</param>
/// <param name="ChangedTables">Tables with other columns than before.</param>
/// <param name="Affected">
/// Where something is gone or of another type: the widgets and workflows that ask the connector, and may be broken.
/// </param>
public sealed record SchemaDrift(
    DateTimeOffset DetectedAt,
    IReadOnlyList<string> AddedTables,
    IReadOnlyList<string> DroppedTables,
    IReadOnlyList<TableDrift> ChangedTables,
    IReadOnlyList<SchemaDependent> Affected);

/// <summary>A change of a table's columns.</summary>
/// <param name="Table">The table.</param>
/// <param name="Added">Columns that are new.</param>
/// <param name="Dropped">Columns that are gone.</param>
/// <param name="Retyped">Columns of another type than before.</param>
public sealed record TableDrift(
    string Table, IReadOnlyList<string> Added, IReadOnlyList<string> Dropped, IReadOnlyList<string> Retyped);

/// <summary>Something that asks a connector.</summary>
/// <param name="Type"><c>widget</c> or <c>workflow</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name; of a widget its type and dashboard.</param>
public sealed record SchemaDependent(string Type, Guid Id, string Name);

/// <summary>A table of a connector.</summary>
/// <param name="Name">Its name, as a query writes it.</param>
/// <param name="Columns">Its columns, in order.</param>
public sealed record ConnectorTable(string Name, IReadOnlyList<ConnectorColumn> Columns)
{
    /// <summary>What its owner should know of it: rows of a file that had too few cells, for one.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, in the words of <see cref="ResultColumn"/>.</param>
/// <param name="Nullable">Whether it may be null.</param>
public sealed record ConnectorColumn(string Name, string Type, bool Nullable);
