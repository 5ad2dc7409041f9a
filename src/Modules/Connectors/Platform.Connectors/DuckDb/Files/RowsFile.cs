namespace Platform.Connectors.DuckDb.Files;

/// <summary>A column as it was found.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Type">Its type in DuckDB's words, where the source knows it; null if the cells decide.</param>
internal sealed record FoundColumn(string Name, string? Type)
{
    /// <summary>What its cells have.</summary>
    public CellTraits Traits { get; init; } = CellTraits.Unknown;

    /// <summary>Whether it has neither a name nor a cell.</summary>
    public bool IsLeftOut { get; init; }
}

/// <summary>
/// Cells in the one dialect that the engine reads without asking: the number of the line or row first, then the cells, each as text; what
/// stands there without quotes and without letters is null.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Columns">Its columns, without the number.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="LongestRow">The bytes of the longest one.</param>
internal sealed record RowsFile(string Path, IReadOnlyList<FoundColumn> Columns, long Rows, int LongestRow)
{
    /// <summary>Whether fractions begin with a comma.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>What the rows are numbered by, for people.</summary>
    public string Place { get; init; } = "line";
}
