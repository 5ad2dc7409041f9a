using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Testing;

namespace Platform.ArchitectureTests;

/// <summary>What EF Core believes of the schema is what the migrations made.</summary>
public sealed class ModelTests : PlatformTest
{
    [Test]
    public async Task Every_mapped_column_is_there_with_its_type_and_nullability()
    {
        await using var scope = Application.Services.CreateAsyncScope();
        var database = await ReadAsync();
        var faults = new List<string>();
        var compared = 0;
        foreach (var module in Application.Services.GetRequiredService<ModuleRegistry>().Modules)
        {
            var context = (ModuleDbContext)scope.ServiceProvider.GetRequiredService(module.ContextType);
            foreach (var (table, column) in context.Model.GetRelationalModel().Tables.SelectMany(table => table.Columns.Select(column => (table, column))))
            {
                compared++;
                faults.AddRange(Compare(database, table, column));
            }
        }

        Assert.That(compared, Is.GreaterThan(100));
        Assert.That(faults.Distinct(), Is.Empty);
    }

    private static IEnumerable<string> Compare(Dictionary<string, (string Type, bool IsNullable)> database, ITable table, IColumn column)
    {
        var name = $"{table.Schema}.{table.Name}.{column.Name}";
        if (!database.TryGetValue(name, out var there))
        {
            yield return $"{name} is not in the database";
            yield break;
        }

        var type = column.StoreType.Split('(')[0];
        if ((type == "character varying" ? "text" : type) != there.Type)
        {
            yield return $"{name} is {there.Type}, the model says {column.StoreType}";
        }

        if (column.IsNullable != there.IsNullable)
        {
            yield return $"{name} is {(there.IsNullable ? "nullable" : "required")}, the model says otherwise";
        }
    }

    private static async Task<Dictionary<string, (string Type, bool IsNullable)>> ReadAsync()
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            select format('%s.%s.%s', n.nspname, c.relname, a.attname), format_type(a.atttypid, null), not a.attnotnull
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not a.attisdropped and (a.attnum > 0 or a.attname = 'xmin')
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        var columns = new Dictionary<string, (string, bool)>();
        while (await reader.ReadAsync())
        {
            columns.Add(reader.GetString(0), (reader.GetString(1), reader.GetBoolean(2)));
        }

        return columns;
    }
}
