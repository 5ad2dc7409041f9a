namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>What happened to a row.</summary>
internal enum ChangeKind
{
    /// <summary>It was added.</summary>
    Insert,

    /// <summary>It was changed.</summary>
    Update,

    /// <summary>It was removed.</summary>
    Delete,
}

/// <summary>
/// A column of a published table: its type by the catalogue's internal name, which clients convert by, and as SQL names it, for casts.
/// </summary>
internal sealed record RelationColumn(string Name, string Type, string SqlType, bool IsKey);

/// <summary>A table as the catalogue describes it. With row security, policies decide who sees a row.</summary>
internal sealed record Relation(uint Id, string Schema, string Name, IReadOnlyList<RelationColumn> Columns, bool HasRowSecurity)
{
    public IReadOnlyList<int> KeyOrdinals { get; } = [.. Enumerable.Range(0, Columns.Count).Where(index => Columns[index].IsKey)];
}

/// <summary>A value of a row in PostgreSQL's text form; it may be null, or absent from the feed.</summary>
internal readonly record struct Cell(string? Text, bool IsPresent)
{
    public static Cell Absent => default;
}

/// <summary>
/// A committed change of a row: the row as it is now, null for a removal, and what the feed holds of it as it was, which is its replica
/// identity.
/// </summary>
internal sealed record Change(
    ChangeKind Kind, Relation Relation, DateTime CommittedAt, uint TransactionId, IReadOnlyList<Cell>? New, IReadOnlyList<Cell>? Old)
{
    /// <summary>The row that filters look at.</summary>
    public IReadOnlyList<Cell> Row => New ?? Old ?? [];
}
