using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Features.Syncs;

namespace Platform.Connectors.Features.Schemas;

/// <summary>What has become of the tables of a source.</summary>
internal static class SchemaComparison
{
    /// <returns>Null if nothing has changed.</returns>
    public static SchemaDrift? Compare(IReadOnlyList<ConnectorTable> before, IReadOnlyList<ConnectorTable> after, DateTimeOffset now)
    {
        var old = before.ToDictionary(table => table.Name, StringComparer.Ordinal);
        var current = after.ToDictionary(table => table.Name, StringComparer.Ordinal);
        var changes = after.Where(table => old.ContainsKey(table.Name))
            .Select(table => DatasetSchema.Compare(table.Name, ColumnsOf(old[table.Name]), ColumnsOf(table)))
            .OfType<SchemaChange>()
            .Select(change => new TableDrift(change.Table, change.Added, change.Dropped, change.Retyped))
            .ToList();
        var drift = new SchemaDrift(
            now,
            [.. after.Select(table => table.Name).Where(name => !old.ContainsKey(name))],
            [.. before.Select(table => table.Name).Where(name => !current.ContainsKey(name))],
            changes,
            []);
        return drift is { AddedTables.Count: 0, DroppedTables.Count: 0, ChangedTables.Count: 0 } ? null : drift;
    }

    /// <summary>Whether what was asked before may no longer be answered.</summary>
    public static bool Breaks(SchemaDrift drift) =>
        drift.DroppedTables.Count > 0 || drift.ChangedTables.Any(table => table.Dropped.Count > 0 || table.Retyped.Count > 0);

    private static List<ResultColumn> ColumnsOf(ConnectorTable table) =>
        [.. table.Columns.Select(column => new ResultColumn(column.Name, column.Type))];
}
