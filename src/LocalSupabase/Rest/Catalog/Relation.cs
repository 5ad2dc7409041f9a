namespace Platform.LocalSupabase.Rest.Catalog;

/// <summary>A column as the database describes it.</summary>
internal sealed record Column(string Name, string Type, string? Default);

/// <summary>A table, a view, or the rows of a function.</summary>
internal sealed record Relation(
    long Id, string Schema, string Name, IReadOnlyDictionary<string, Column> Columns, IReadOnlyList<string> PrimaryKey)
{
    /// <summary>How it is named in SQL.</summary>
    public string Sql => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>The column by its name, quoted; names come from here and never from a request.</summary>
    public string ColumnSql(string column) =>
        Columns.ContainsKey(column) ? Quote(column) : throw RestException.NoSuchColumn(column, Name);

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>How rows of one table find those of another: pairs of columns, and whether there is one at most.</summary>
internal sealed record Relationship(Relation Target, IReadOnlyList<(string Own, string Other)> Columns, bool ToOne);

/// <summary>A function that can be called.</summary>
internal sealed record Routine(
    string Sql, IReadOnlyDictionary<string, string> ArgumentTypes, bool ReturnsSet, bool ReturnsVoid, Relation? Rows);
