using Npgsql;

namespace Platform.Host.Tests.Security;

/// <summary>A column as the catalogue knows it.</summary>
internal sealed record Column(string Name, string Type, bool IsRequired);

/// <summary>A foreign key as the catalogue knows it.</summary>
internal sealed record ForeignKey(string[] Columns, string TargetTable, string[] TargetColumns);

/// <summary>A table, found in the catalogue: nothing here knows a table by name but the two that hold people.</summary>
internal sealed class Table
{
    public required string Name { get; init; }

    public required IReadOnlyList<Column> Columns { get; init; }

    public required IReadOnlyList<ForeignKey> ForeignKeys { get; init; }

    public required IReadOnlyList<string> Checks { get; init; }

    /// <summary>Whether authenticated or anon have any right on it or on a column of it.</summary>
    public required bool IsReachable { get; init; }

    /// <summary>The column that says whose row it is; null where a row is nobody's.</summary>
    public string? Owner =>
        Columns.Any(column => column.Name == "owner_id" && column.Type == "uuid") ? "owner_id"
        : Columns.Any(column => column.Name == "user_id") ? "user_id"
        : IsPeople(Name) ? "id"
        : null;

    public static bool IsPeople(string name) => name is "identity.users" or "auth.users";

    /// <summary>All tables of these schemas.</summary>
    public static async Task<List<Table>> ReadAllAsync(NpgsqlConnection connection, string[] schemas)
    {
        var tables = await Sql.RowsAsync(
            connection,
            """
            select format('%I.%I', n.nspname, c.relname),
              has_any_column_privilege('authenticated', c.oid, 'select, insert, update') or has_table_privilege('authenticated', c.oid, 'delete')
                or has_any_column_privilege('anon', c.oid, 'select, insert, update') or has_table_privilege('anon', c.oid, 'delete')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname = any($1)
            order by 1
            """,
            [schemas]);
        var result = new List<Table>();
        foreach (var row in tables)
        {
            var name = (string)row[0]!;
            result.Add(new Table
            {
                Name = name,
                Columns = await ColumnsAsync(connection, name),
                ForeignKeys = await ForeignKeysAsync(connection, name),
                Checks = await Sql.TextsAsync(
                    connection, "select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::text::regclass and contype = 'c'", name),
                IsReachable = (bool)row[1]!,
            });
        }

        return result;
    }

    private static async Task<List<Column>> ColumnsAsync(NpgsqlConnection connection, string table)
    {
        var rows = await Sql.RowsAsync(
            connection,
            """
            select attname::text, format_type(atttypid, null), attnotnull and not atthasdef and attidentity = ''
            from pg_attribute
            where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''
            order by attnum
            """,
            table);
        return [.. rows.Select(row => new Column((string)row[0]!, (string)row[1]!, (bool)row[2]!))];
    }

    private static async Task<List<ForeignKey>> ForeignKeysAsync(NpgsqlConnection connection, string table)
    {
        var rows = await Sql.RowsAsync(
            connection,
            """
            select
              (select array_agg(a.attname::text order by k.place) from unnest(f.conkey) with ordinality as k (number, place)
                join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number),
              (select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = f.confrelid),
              (select array_agg(a.attname::text order by k.place) from unnest(f.confkey) with ordinality as k (number, place)
                join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number)
            from pg_constraint f
            where f.conrelid = $1::text::regclass and f.contype = 'f'
            """,
            table);
        return [.. rows.Select(row => new ForeignKey((string[])row[0]!, (string)row[1]!, (string[])row[2]!))];
    }
}
