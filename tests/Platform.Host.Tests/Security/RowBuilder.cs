using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Platform.Host.Tests.Security;

/// <summary>
/// Makes rows of any table for a person: required columns get values that the catalogue's types, checks and foreign keys allow. Values are
/// text that PostgreSQL casts.
/// </summary>
internal sealed partial class RowBuilder(NpgsqlConnection connection, IReadOnlyList<Table> tables, Guid bystander)
{
    private readonly Dictionary<(string Table, Guid Owner), Dictionary<string, string>> _rows = [];
    private int _count;

    /// <summary>A row of the person's that stands in the table: theirs already, or made now by the superuser.</summary>
    public async Task<Dictionary<string, string>> EnsureAsync(Table table, Guid owner)
    {
        if (_rows.TryGetValue((table.Name, owner), out var known))
        {
            return known;
        }

        var row = await FindAsync(table, owner);
        if (row is null)
        {
            await InsertAsync(table, await NewAsync(table, owner));
            row = await FindAsync(table, owner) ?? throw new InvalidOperationException($"{table.Name} has no row of the person that was just added.");
        }

        return _rows[(table.Name, owner)] = row;
    }

    /// <summary>A row for the person that does not stand in the table yet; what it refers to does.</summary>
    public async Task<Dictionary<string, string>> NewAsync(Table table, Guid owner)
    {
        var row = new Dictionary<string, string>();
        if (table.Owner is { } column)
        {
            row[column] = owner.ToString();
        }

        var required = table.Columns.Where(candidate => candidate.IsRequired).Select(candidate => candidate.Name).ToHashSet();
        foreach (var key in table.ForeignKeys.Where(key => key.Columns.All(name => required.Contains(name) || row.ContainsKey(name))))
        {
            await FollowAsync(key, row, owner);
        }

        foreach (var missing in table.Columns.Where(candidate => candidate.IsRequired && !row.ContainsKey(candidate.Name)))
        {
            row[missing.Name] = await ValueAsync(table, missing);
        }

        return row;
    }

    public Task<int> InsertAsync(Table table, Dictionary<string, string> row)
    {
        var types = table.Columns.ToDictionary(column => column.Name, column => column.Type);
        var values = row.Select((pair, index) => $"${index + 1}::text::{types[pair.Key]}");
        return Sql.ExecuteAsync(
            connection,
            $"insert into {table.Name} ({string.Join(", ", row.Keys)}) values ({string.Join(", ", values)})",
            [.. row.Values]);
    }

    private async Task<Dictionary<string, string>?> FindAsync(Table table, Guid owner)
    {
        if (table.Owner is not { } column)
        {
            return null;
        }

        var names = table.Columns.Select(candidate => candidate.Name).ToList();
        var rows = await Sql.RowsAsync(
            connection,
            $"select {string.Join(", ", names.Select(name => $"{name}::text"))} from {table.Name} where {column}::text = $1 limit 1",
            owner.ToString());
        return rows.Count == 0
            ? null
            : names.Zip(rows[0]).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => (string)pair.Second!);
    }

    private async Task FollowAsync(ForeignKey key, Dictionary<string, string> row, Guid owner)
    {
        if (Table.IsPeople(key.TargetTable))
        {
            // Whoever else a row names is somebody else.
            row.TryAdd(key.Columns[0], bystander.ToString());
            return;
        }

        var target = tables.Single(table => table.Name == key.TargetTable);
        var parent = await EnsureAsync(target, owner);
        foreach (var (column, targetColumn) in key.Columns.Zip(key.TargetColumns))
        {
            row[column] = parent[targetColumn];
        }
    }

    private async Task<string> ValueAsync(Table table, Column column)
    {
        var number = (++_count).ToString(CultureInfo.InvariantCulture);
        var checks = table.Checks.Where(check => check.Contains($"{column.Name} ", StringComparison.Ordinal)
            || check.Contains($"({column.Name}", StringComparison.Ordinal)).ToList();
        return column.Type switch
        {
            "uuid" => Guid.CreateVersion7().ToString(),
            "text" or "character varying" => TextFor(checks, number),
            "json" or "jsonb" => checks.Any(check => check.Contains("'array'", StringComparison.Ordinal)) ? "[]" : "{}",
            "bytea" => $@"\x{number.PadLeft(64, '0')}",
            "smallint" or "integer" or "bigint" or "numeric" => number,
            "boolean" => "false",
            "timestamp with time zone" or "timestamp without time zone" => "2026-01-01 00:00:00+00",
            "inet" => "192.0.2.1",
            _ => await FirstLabelAsync(column.Type),
        };
    }

    private static string TextFor(List<string> checks, string number)
    {
        if (checks.Select(check => FirstAllowed().Match(check)).FirstOrDefault(match => match.Success) is { } allowed)
        {
            return allowed.Groups[1].Value;
        }

        return checks.Any(check => check.Contains("[0-9a-f]{64}", StringComparison.Ordinal)) ? number.PadLeft(64, '0') : $"value_{number}";
    }

    private async Task<string> FirstLabelAsync(string type) =>
        (await Sql.TextsAsync(connection, "select enumlabel::text from pg_enum where enumtypid = $1::text::regtype order by enumsortorder", type))
        .FirstOrDefault() ?? throw new InvalidOperationException($"No value of the type {type} is known.");

    [GeneratedRegex(@"= ANY \(ARRAY\['([^']+)'")]
    private static partial Regex FirstAllowed();
}
