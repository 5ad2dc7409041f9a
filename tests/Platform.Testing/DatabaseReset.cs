using Npgsql;
using Respawn;
using Respawn.Graph;

namespace Platform.Testing;

/// <summary>
/// Empties what tests have written. Respawn empties all tables once, when an assembly starts; between tests a statement of our own deletes
/// from the tables that have rows, which takes a twentieth of the time.
/// </summary>
internal sealed class DatabaseReset(string connectionString, string deleteDirty)
{
    private static readonly string[] Schemas =
        ["auth", "storage", "platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts"];

    public static async Task<DatabaseReset> CreateAsync(string connectionString)
    {
        await using var connection = await OpenAsync(connectionString);
        var respawner = await Respawner.CreateAsync(connection, new RespawnerOptions
        {
            DbAdapter = DbAdapter.Postgres,
            SchemasToInclude = Schemas,
            TablesToIgnore = [new Table("platform", "schema_migrations")],
        });
        await AgainAfterDeadlockAsync(() => respawner.ResetAsync(connection));
        return new DatabaseReset(connectionString, await DeleteDirtyAsync(connection));
    }

    public async Task ResetAsync()
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(deleteDirty, connection);
        await AgainAfterDeadlockAsync(() => command.ExecuteNonQueryAsync());
    }

    // What the product does in the background may take the tables in another order: then one of both has to begin again.
    private static async Task AgainAfterDeadlockAsync(Func<Task> empty)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await empty();
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DeadlockDetected && attempt < 5)
            {
                // Nothing was emptied.
            }
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        // Supabase's storage refuses a DELETE that does not say it is meant.
        await using var permission = new NpgsqlCommand("select set_config('storage.allow_delete_query', 'true', false)", connection);
        await permission.ExecuteNonQueryAsync();
        return connection;
    }

    // As a replica no trigger and no foreign key runs, so the order of the tables does not matter.
    private static async Task<string> DeleteDirtyAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            select string_agg(format('if exists (select 1 from %1$s) then delete from %1$s; end if;', c.oid::regclass), ' ')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1) and c.relkind = 'r' and c.relname <> 'schema_migrations'
            """,
            connection)
        {
            Parameters = { new() { Value = Schemas } },
        };
        var statements = await command.ExecuteScalarAsync();
        return $"set session_replication_role = replica; do $$ begin {statements} end $$; set session_replication_role = origin";
    }
}
