using Npgsql;

namespace Platform.Connectors.Types.Postgres;

/// <summary>What the user may read at a source: tables, views, partitioned and foreign tables.</summary>
internal static class PostgresCatalog
{
    private const int MaxTables = 500;

    // A name is bare where a query would find the table without its schema.
    private const string Sql =
        """
        with readable as (
          select c.oid, n.nspname, c.relname,
            case when pg_table_is_visible(c.oid) then quote_ident(c.relname)
              else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end as name
          from pg_class as c
          join pg_namespace as n on n.oid = c.relnamespace
          where c.relkind in ('r', 'v', 'm', 'p', 'f')
            and not c.relispartition
            and n.nspname not in ('pg_catalog', 'information_schema')
            and n.nspname not like 'pg\_toast%' and n.nspname not like 'pg\_temp%'
            and has_schema_privilege(n.oid, 'USAGE')
            and (has_table_privilege(c.oid, 'SELECT') or has_any_column_privilege(c.oid, 'SELECT'))
        ), chosen as (
          select * from readable
          where $1::text is null or name ilike '%' || $1 || '%' or exists (
            select 1 from pg_attribute as a
            where a.attrelid = readable.oid and a.attnum > 0 and not a.attisdropped and a.attname ilike '%' || $1 || '%')
          order by name
          limit $2
        )
        select chosen.name, a.attname, a.atttypid, not a.attnotnull, key.indexrelid is not null
        from chosen
        join pg_attribute as a on a.attrelid = chosen.oid and a.attnum > 0 and not a.attisdropped
        left join pg_index as key on key.indrelid = chosen.oid and key.indisprimary and a.attnum = any (key.indkey::int2[])
        where has_column_privilege(chosen.oid, a.attnum, 'SELECT')
        order by chosen.name, a.attnum
        """;

    public static async Task<IReadOnlyList<SourceTable>> ReadAsync(
        PostgresSession session, string? search, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session.Connection);
        var pattern = string.IsNullOrWhiteSpace(search) ? null : Escape(search.Trim());
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = pattern });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxTables });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var tables = new List<SourceTable>();
        var (columns, key) = (new List<SourceColumn>(), new List<string>());
        while (await reader.ReadAsync(cancellationToken))
        {
            var name = reader.GetString(0);
            if (tables.Count == 0 || tables[^1].Name != name)
            {
                (columns, key) = ([], []);
                tables.Add(new SourceTable(name, columns) { Key = key });
            }

            if (reader.GetBoolean(4))
            {
                key.Add(reader.GetString(1));
            }

            var column = PostgresColumn.Of(reader.GetString(1), reader.GetFieldValue<uint>(2));
            columns.Add(new SourceColumn(column.Name, column.Type, reader.GetBoolean(3)));
        }

        return tables;
    }

    private static string Escape(string search) =>
        search.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
}
