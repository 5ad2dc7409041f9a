namespace Platform.Connectors.DuckDb;

/// <summary>
/// One table of the files that a dataset is made of. Columns are matched by name, one that a file does not have is null there, and one
/// whose type has changed in between is text. Of rows with the same key the newest counts; memory goes into the keys of unsettled files alone.
/// </summary>
internal static class DatasetView
{
    // Which row is newer: the number of its file, then its place there.
    private const string Position = "(row.\"#file\" * 1099511627776 + row.\"#row\")";

    private static readonly string[] Numbers =
        ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE"];

    /// <param name="database">Where the files can be read.</param>
    /// <param name="files">The Parquet files, oldest first.</param>
    /// <param name="merge">How they are one table; null if all their rows are in it.</param>
    /// <returns>A SELECT of all the table's columns.</returns>
    public static string Select(LockedDatabase database, IReadOnlyList<string> files, FileMerge? merge)
    {
        if (files.Count == 1 && merge is null or { Settled: 1 })
        {
            return $"select * from read_parquet({Conversion.List(files)})";
        }

        var retyped = FindRetyped(database, files);
        if (merge is null || merge.Settled >= files.Count)
        {
            return $"select * exclude (\"#file\", \"#row\") from ({Rows(files, retyped, 0)})";
        }

        var keys = merge.Key.Select(LockedDatabase.Quote).ToList();
        var later = $"select {string.Join(", ", keys.Select((key, at) => $"row.{key} as k{at}"))}, max({Position}) as position "
            + $"from ({Rows([.. files.Skip(merge.Settled)], retyped, merge.Settled)}) as row group by all";
        var join = string.Join(" and ", keys.Select((key, at) => $"row.{key} is not distinct from later.k{at}"));
        var (read, newest) = merge.SettledOnly
            ? (files.Take(merge.Settled).ToList(), "later.position is null")
            : ([.. files], $"(later.position is null or later.position = {Position})");
        return $"select row.* exclude (\"#file\", \"#row\") from ({Rows(read, retyped, 0)}) as row "
            + $"left join ({later}) as later on {join} where {newest}";
    }

    private static string Rows(IReadOnlyList<string> files, Dictionary<string, List<string>> retyped, int first)
    {
        if (retyped.Count == 0)
        {
            return $"select *, file_index::bigint + {first} as \"#file\", file_row_number as \"#row\" "
                + $"from read_parquet({Conversion.List(files)}, union_by_name = true)";
        }

        return string.Join(" union all by name ", files.Select((file, number) =>
        {
            var texts = retyped.GetValueOrDefault(file, [])
                .Select(LockedDatabase.Quote).Select(name => $"{name}::varchar as {name}").ToList();
            var replaced = texts.Count == 0 ? "" : $" replace ({string.Join(", ", texts)})";
            return $"select *{replaced}, {first + number}::bigint as \"#file\", file_row_number as \"#row\" "
                + $"from read_parquet({LockedDatabase.Literal(file)})";
        }));
    }

    /// <summary>Of each file, the columns that have another type elsewhere; numbers of several types are numbers.</summary>
    private static Dictionary<string, List<string>> FindRetyped(LockedDatabase database, IReadOnlyList<string> files)
    {
        var columns = files.SelectMany(file => Describe(database, file).Select(column => (File: file, column.Name, column.Type))).ToList();
        return columns.GroupBy(column => column.Name, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Select(column => column.Type).Distinct(StringComparer.Ordinal).Count() > 1
                && !same.All(column => Numbers.Contains(column.Type) || column.Type.StartsWith("DECIMAL", StringComparison.Ordinal)))
            .SelectMany(same => same)
            .GroupBy(column => column.File, column => column.Name, StringComparer.Ordinal)
            .ToDictionary(file => file.Key, file => file.ToList(), StringComparer.Ordinal);
    }

    private static List<(string Name, string Type)> Describe(LockedDatabase database, string file)
    {
        using var command = database.Command($"describe select * from read_parquet({LockedDatabase.Literal(file)})");
        using var reader = command.ExecuteReader();
        var columns = new List<(string Name, string Type)>();
        while (reader.Read())
        {
            columns.Add((reader.GetString(0), reader.GetString(1)));
        }

        return columns;
    }
}
