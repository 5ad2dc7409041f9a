using Npgsql;
using Respawn;
using Respawn.Graph;

namespace Platform.Testing;

/// <summary>Empties what tests have written, as the superuser, in an order that foreign keys allow.</summary>
internal sealed class DatabaseReset(string connectionString, Respawner respawner)
{
    private static readonly string[] Schemas =
        ["auth", "storage", "platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts"];

    public static async Task<DatabaseReset> CreateAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var respawner = await Respawner.CreateAsync(connection, new RespawnerOptions
        {
            DbAdapter = DbAdapter.Postgres,
            SchemasToInclude = Schemas,
            TablesToIgnore = [new Table("platform", "schema_migrations"), new Table("auth", "schema_migrations")],
        });
        return new DatabaseReset(connectionString, respawner);
    }

    public async Task ResetAsync()
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using (var permission = new NpgsqlCommand("select set_config('storage.allow_delete_query', 'true', false)", connection))
        {
            await permission.ExecuteNonQueryAsync();
        }

        await respawner.ResetAsync(connection);
    }
}
