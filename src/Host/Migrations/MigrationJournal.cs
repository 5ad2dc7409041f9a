using Npgsql;

namespace Platform.Host.Migrations;

/// <summary>
/// What was applied: <c>platform.schema_migrations</c>. Nobody but the owner may see it, and every change to it happens under one
/// advisory lock that ends with its transaction, so that it holds through a pooler too.
/// </summary>
internal static class MigrationJournal
{
    // Any number that nobody else locks would do. A file and its journal entry are lost together or not at all, so no commit has to
    // wait for the disk: what a power cut takes is applied again.
    private const string Lock = "set local synchronous_commit = off; select pg_advisory_xact_lock(8101251121099821421)";

    private const string Create = """
        create schema if not exists platform;
        create table if not exists platform.schema_migrations (
          schema text not null,
          file_name text not null,
          checksum text not null check (checksum ~ '^[0-9a-f]{64}$'),
          applied_at timestamptz not null default now(),
          primary key (schema, file_name)
        );
        alter table platform.schema_migrations enable row level security;
        alter table platform.schema_migrations force row level security;
        revoke all on platform.schema_migrations from public;
        """;

    /// <summary>The checksums by file path; null when nothing was ever applied.</summary>
    public static async Task<Dictionary<string, string>?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(
                "select schema || '/' || file_name, checksum from platform.schema_migrations order by 1", connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var applied = new Dictionary<string, string>();
            while (await reader.ReadAsync(cancellationToken))
            {
                applied.Add(reader.GetString(0), reader.GetString(1));
            }

            return applied;
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    public static async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await ExecuteAsync(connection, Create, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Gives the journal to the owner of our schemas and lets that login, which row level security binds too, write it. In the
    /// embedded mode the superuser made it, before the owner existed.
    /// </summary>
    /// <param name="connection">The login that made the journal.</param>
    /// <param name="owner">A quoted role name, or <c>current_user</c>.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task HandOverAsync(NpgsqlConnection connection, string owner, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(
            "select exists (select from pg_policies where schemaname = 'platform' and tablename = 'schema_migrations')", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is false)
        {
            await ExecuteAsync(
                connection,
                $"""
                alter schema platform owner to {owner};
                alter table platform.schema_migrations owner to {owner};
                create policy schema_migrations_owner on platform.schema_migrations to {owner} using (true) with check (true);
                """,
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Begins a transaction that no other node's migration can run beside.</summary>
    public static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Lock, cancellationToken);
        return transaction;
    }

    /// <summary>The checksum of a file that was applied, perhaps by another node a moment ago; else null.</summary>
    public static async Task<string?> FindAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select checksum from platform.schema_migrations where schema = $1 and file_name = $2", connection);
        command.Parameters.Add(new() { Value = file.Schema });
        command.Parameters.Add(new() { Value = file.Name });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    public static async Task AddAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into platform.schema_migrations (schema, file_name, checksum) values ($1, $2, $3)", connection);
        command.Parameters.Add(new() { Value = file.Schema });
        command.Parameters.Add(new() { Value = file.Name });
        command.Parameters.Add(new() { Value = file.Checksum });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>For text that is ours: constants of this folder and migration files.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Building an index may take as long as it takes.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
