using MySqlConnector;

namespace Platform.Connectors.Types.MySql;

/// <summary>A table of the catalogue, with its name's parts.</summary>
internal sealed record MySqlTable(string Schema, string Name, SourceTable Table)
{
    /// <summary>The table in a statement, whatever its name holds.</summary>
    public string Quoted => $"{Quote(Schema)}.{Quote(Name)}";

    public static string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
}

/// <summary>What the user may read at a source: tables and views.</summary>
internal static class MySqlCatalog
{
    private const int MaxTables = 500;

    private const string Sql =
        """
        select c.table_schema, c.table_name, c.column_name, c.data_type, c.is_nullable, c.table_schema = database()
        from information_schema.columns as c
        join (
          select distinct table_schema, table_name from information_schema.columns
          where table_schema not in ('information_schema', 'performance_schema', 'mysql', 'sys')
            and find_in_set('select', privileges) > 0
            and (? is null or locate(lower(?), lower(concat(table_schema, '.', table_name))) > 0 or locate(lower(?), lower(column_name)) > 0)
          order by table_schema <> database(), table_schema, table_name
          limit ?
        ) as chosen on chosen.table_schema = c.table_schema and chosen.table_name = c.table_name
        where find_in_set('select', c.privileges) > 0
        order by c.table_schema <> database(), c.table_schema, c.table_name, c.ordinal_position
        """;

    // Names of tables that are words of the language, so that a bare name would not be understood.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "all", "and", "as", "between", "by", "case", "check", "column", "condition", "constraint", "cross", "cube", "current_user",
        "database", "default", "desc", "div", "else", "except", "exists", "explain", "false", "for", "from", "function", "group", "groups",
        "having", "if", "in", "index", "interval", "into", "is", "join", "key", "keys", "lead", "left", "like", "limit", "lines", "load",
        "lock", "match", "mod", "natural", "not", "null", "of", "on", "option", "or", "order", "out", "over", "partition", "primary",
        "procedure", "range", "rank", "read", "references", "release", "rename", "repeat", "replace", "return", "revoke", "right", "row",
        "rows", "schema", "schemas", "select", "set", "show", "ssl", "system", "table", "then", "to", "trigger", "true", "union",
        "unique", "update", "usage", "use", "using", "values", "when", "where", "while", "window", "with", "write",
    };

    public static async Task<IReadOnlyList<MySqlTable>> ReadAsync(
        MySqlSession session, string? search, CancellationToken cancellationToken)
    {
        object pattern = string.IsNullOrWhiteSpace(search) ? DBNull.Value : search.Trim();
        await using var command = new MySqlCommand(Sql, session.Connection);
        foreach (var value in new[] { pattern, pattern, pattern, MaxTables })
        {
            command.Parameters.Add(new MySqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<MySqlTable>();
        var columns = new List<SourceColumn>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (schema, name, column) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
            if (tables.Count == 0 || tables[^1].Name != name || tables[^1].Schema != schema)
            {
                columns = [];
                var shown = reader.GetInt64(5) == 1 ? Shown(name) : $"{Shown(schema)}.{Shown(name)}";
                tables.Add(new MySqlTable(schema, name, new SourceTable(shown, columns)));
            }

            columns.Add(new SourceColumn(column, MySqlColumn.TypeOf(reader.GetString(3)), reader.GetString(4) == "YES"));
        }

        return tables;
    }

    // As it is written in a query.
    private static string Shown(string name) =>
        name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '$')
            && !name.All(char.IsAsciiDigit) && !Reserved.Contains(name)
            ? name
            : MySqlTable.Quote(name);
}
