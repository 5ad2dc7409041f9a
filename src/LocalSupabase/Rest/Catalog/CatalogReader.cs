using System.Text.Json;
using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Rest.Catalog;

/// <summary>
/// Asks the database what there is, in the request's own transaction: nothing is kept, so a change of the schema counts at once and there
/// is nothing to reload.
/// </summary>
internal sealed class CatalogReader(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
{
    private const string Describe =
        """
        select c.oid::bigint as id, c.relname as name,
          (select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid))
             order by a.attnum)
           from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
          coalesce((select json_agg(a.attname order by k.place) from pg_index i
           cross join unnest(i.indkey::int2[]) with ordinality k(number, place)
           join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
           where i.indrelid = c.oid and i.indisprimary), '[]')::text as key
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = @schema and c.relkind in ('r', 'p', 'v', 'm', 'f') and (c.relname = @name or c.oid = @id::bigint::oid)
        """;

    /// <exception cref="RestException">There is none.</exception>
    public async Task<Relation> RelationAsync(string name) =>
        await FindAsync(("name", name), ("id", 0L)) ?? throw RestException.NoSuchTable(schema, name);

    /// <summary>The one way from a table to another, by the other's name, a foreign key's, or a column's.</summary>
    public async Task<Relationship> RelationshipAsync(Relation from, string target, string? hint)
    {
        var found = await connection.Command(
            """
            select k.conname, k.conrelid = @from::bigint::oid as own, r.relname as other,
              (case when k.conrelid = @from::bigint::oid then k.confrelid else k.conrelid end)::bigint as id,
              array(select a.attname::text from unnest(k.conkey) with ordinality u(n, i)
                join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by i) as keys,
              array(select a.attname::text from unnest(k.confkey) with ordinality u(n, i)
                join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by i) as targets,
              exists (select 1 from pg_index x where x.indrelid = k.conrelid and x.indisunique and x.indpred is null
                and x.indkey::int2[] <@ k.conkey and k.conkey <@ x.indkey::int2[]) as single
            from pg_constraint k join pg_class r on r.oid = case when k.conrelid = @from::bigint::oid then k.confrelid else k.conrelid end
            join pg_namespace n on n.oid = r.relnamespace
            where k.contype = 'f' and n.nspname = @schema and @from::bigint::oid in (k.conrelid, k.confrelid)
            """,
            ("from", from.Id), ("schema", schema)).ListAsync(reader => new
            {
                Name = reader.GetString(0),
                Own = reader.GetBoolean(1),
                Other = reader.GetString(2),
                Id = reader.GetInt64(3),
                Keys = reader.GetFieldValue<string[]>(4),
                Targets = reader.GetFieldValue<string[]>(5),
                Single = reader.GetBoolean(6),
            }, cancellationToken);
        var fitting = found.Where(one => one.Other == target || one.Name == target || (one.Own && one.Keys is [var key] && key == target))
            .Where(one => hint is null || one.Name == hint || one.Keys.Contains(hint) || one.Targets.Contains(hint)).ToList();
        if (fitting.Count > 1)
        {
            throw new RestException(
                300, "PGRST201", $"Could not embed because more than one relationship was found for '{from.Name}' and '{target}'",
                hint: $"Name one of them, such as '{target}!{fitting[0].Name}'.");
        }

        var one = fitting.Count == 1 ? fitting[0] : throw RestException.NoRelationship(from.Name, target);
        var other = await FindAsync(("name", ""), ("id", one.Id)) ?? throw RestException.NoRelationship(from.Name, target);
        return one.Own
            ? new Relationship(other, [.. one.Keys.Zip(one.Targets)], ToOne: true)
            : new Relationship(other, [.. one.Targets.Zip(one.Keys)], ToOne: one.Single);
    }

    /// <summary>The type by its name, as SQL writes it.</summary>
    public async Task<string> TypeAsync(string name) =>
        await connection.Command("select format_type(to_regtype(@name), null)", ("name", name)).ScalarAsync<string>(cancellationToken)
            is { } type && type != "-" && type != "???"
            ? type
            : throw new RestException(400, "42704", $"type \"{name}\" does not exist");

    /// <summary>The function of that name whose arguments these are.</summary>
    public async Task<Routine> RoutineAsync(string name, IReadOnlyCollection<string> arguments)
    {
        var candidates = await connection.Command(
            """
            select p.proretset, p.prorettype = 'void'::regtype as void, p.pronargs - p.pronargdefaults as required,
              coalesce((select json_agg(json_build_array(coalesce(p.proargnames[i], ''), format_type(t, null)) order by i)
                from unnest(p.proargtypes::oid[]) with ordinality u(t, i)), '[]')::text as inputs,
              coalesce((select json_agg(json_build_array(p.proargnames[i], format_type(p.proallargtypes[i], null), null) order by i)
                from generate_subscripts(p.proallargtypes, 1) i where p.proargmodes[i] in ('o', 't', 'b')), '[]')::text as outputs,
              coalesce((select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), null) order by a.attnum)
                from pg_type y join pg_attribute a on a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
                where y.oid = p.prorettype and y.typrelid <> 0), '[]')::text as columns
            from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = @schema and p.proname = @name and p.prokind = 'f' and p.provariadic = 0
            """,
            ("schema", schema), ("name", name)).ListAsync(
                reader => (
                    Set: reader.GetBoolean(0),
                    Void: reader.GetBoolean(1),
                    Required: reader.GetInt32(2),
                    Inputs: ReadColumns(reader.GetString(3)),
                    Outputs: ReadColumns(reader.GetString(4)),
                    Columns: ReadColumns(reader.GetString(5))),
                cancellationToken);
        var fitting = candidates.Where(one => arguments.All(argument => one.Inputs.Any(input => input.Name == argument))
            && one.Inputs.Take(one.Required).All(input => arguments.Contains(input.Name))).ToList();
        if (fitting.Count > 1)
        {
            throw new RestException(300, "PGRST203", $"Could not choose the best candidate function for {schema}.{name}");
        }

        var routine = fitting.Count == 1 ? fitting[0] : throw new RestException(
            404, "PGRST202", $"Could not find the function {schema}.{name}({string.Join(", ", arguments)}) in the schema cache");
        var rows = routine.Columns.Count > 0 ? routine.Columns : routine.Outputs;
        return new Routine(
            $"{Relation.Quote(schema)}.{Relation.Quote(name)}",
            routine.Inputs.ToDictionary(input => input.Name, input => input.Type),
            routine.Set,
            routine.Void,
            rows.Count > 0 ? new Relation(0, schema, name, rows.ToDictionary(column => column.Name), []) : null);
    }

    private Task<Relation?> FindAsync((string, object?) name, (string, object?) id) =>
        connection.Command(Describe, ("schema", schema), name, id).FirstAsync(
            reader => new Relation(
                reader.GetInt64(0),
                schema,
                reader.GetString(1),
                ReadColumns(reader.TextOrNull("columns") ?? "[]").ToDictionary(column => column.Name),
                JsonSerializer.Deserialize<string[]>(reader.GetString(3))!),
            cancellationToken);

    private static List<Column> ReadColumns(string json) =>
    [
        .. JsonElement.Parse(json).EnumerateArray().Select(one => new Column(
            one[0].GetString()!, one[1].GetString()!, one.GetArrayLength() > 2 ? one[2].GetString() : null)),
    ];
}
