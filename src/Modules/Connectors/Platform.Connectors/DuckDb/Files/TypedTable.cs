using DuckDB.NET.Data;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>A column of a <see cref="TypedTable"/>.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Key">Its name in the source.</param>
/// <param name="Type">The type of <see cref="CellType"/> that its text is given; null if it stays as it is.</param>
/// <param name="IsForced">Whether the owner wants that type.</param>
internal sealed record TypedColumn(string Name, string Key, string? Type, bool IsForced)
{
    /// <summary>What its cells have.</summary>
    public CellTraits Traits { get; init; } = CellTraits.Unknown;

    /// <summary>Whether there may be cells that are no value of the type.</summary>
    public bool IsConverted => Type is not (null or CellType.Text);
}

/// <summary>Rows whose cells are text, and what they are to become.</summary>
/// <param name="Source">A SELECT with the column <c>place</c> and the columns' keys.</param>
/// <param name="Place">What is numbered in it: <c>line</c> or <c>row</c>.</param>
/// <param name="Columns">The columns of the table.</param>
/// <param name="Rules">How numbers and dates are written.</param>
/// <param name="Nulls">Texts that are null in columns that are no text.</param>
internal sealed record TypedTable(
    string Source, string Place, IReadOnlyList<TypedColumn> Columns, CellRules Rules, IReadOnlyList<string> Nulls)
{
    private const string Misfit = "cell does not fit: ";

    /// <summary>Whether an error of the engine is one of <see cref="Select"/>.</summary>
    public static bool IsMisfit(DuckDBException exception) =>
        exception.Message.Contains(Misfit, StringComparison.Ordinal)
        || exception.Message.StartsWith("Conversion Error", StringComparison.Ordinal);

    /// <summary>The rows with their values; fails where a cell does not fit.</summary>
    public string Select()
    {
        var values = Columns.Select(column =>
        {
            var key = LockedDatabase.Quote(column.Key);
            var (value, cast) = (column.IsConverted ? Value(column) : key, $"cast({key} as {column.Type})");
            var strict = !column.IsConverted ? key
                : value == $"try_{cast}" ? cast
                : $"case when {key} is not null then coalesce({value}, error({LockedDatabase.Literal(Misfit)} || {key})) end";
            return $"{strict} as {LockedDatabase.Quote(column.Name)}";
        });
        return $"select {string.Join(", ", values)} from ({Cells()})";
    }

    /// <summary>For each column that is converted, how many cells do not fit.</summary>
    public string CountMisfits(IEnumerable<TypedColumn> columns) =>
        $"select {string.Join(", ", columns.Select(column => $"count(*) filter (where {IsMisfit(column)})"))} from ({Cells()})";

    /// <summary>The place and the text of the first cell that does not fit.</summary>
    public string FirstMisfit(TypedColumn column) =>
        $"select place, {LockedDatabase.Quote(column.Key)} from ({Cells()}) where {IsMisfit(column)} order by place limit 1";

    /// <summary>The most digits of a column before and behind the point.</summary>
    public string CountDigits(TypedColumn column)
    {
        var (whole, fraction) = CellType.Digits(LockedDatabase.Quote(column.Key), Rules);
        return $"select coalesce(max({whole}), 0)::integer, coalesce(max({fraction}), 0)::integer from ({Cells()})";
    }

    /// <summary>Whether all cells of a column are numbers with a decimal comma.</summary>
    public string AreCommaNumbers(IEnumerable<TypedColumn> columns) =>
        $"select {string.Join(", ", columns.Select(AreCommaNumbers))} from ({Cells(all: true)})";

    private static string AreCommaNumbers(TypedColumn column) =>
        $"coalesce(bool_and({CellType.IsCommaNumber(LockedDatabase.Quote(column.Key))}), false)";

    private string IsMisfit(TypedColumn column) => $"{LockedDatabase.Quote(column.Key)} is not null and ({Value(column)}) is null";

    private string Value(TypedColumn column) => CellType.Value(LockedDatabase.Quote(column.Key), column.Type!, Rules, column.Traits);

    private string Cells(bool all = false)
    {
        var nulls = string.Join(", ", Nulls.Select(LockedDatabase.Literal));
        var keys = Columns.Select(column =>
        {
            var key = LockedDatabase.Quote(column.Key);
            // A list, and no IN, which would become a join for each column.
            return nulls.Length > 0 && (all || column.IsConverted) && column.Traits.HasFlag(CellTraits.NullText)
                ? $"case when not list_contains([{nulls}], {key}) then {key} end as {key}"
                : key;
        });
        return $"select place, {string.Join(", ", keys)} from ({Source})";
    }
}
