using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>Hangfire's storage, on a login and pool of its own.</summary>
internal static class JobStorageFactory
{
    private const string Schema = "hangfire";

    // Hangfire makes its tables itself. They hold ids alone, yet no table here is open: its own login may work with them, nobody else.
    private const string Protect =
        """
        do $$
        declare name text;
        begin
          for name in
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'hangfire' and c.relkind in ('r', 'p') and not c.relforcerowsecurity
              and pg_has_role(current_user, c.relowner, 'usage')
          loop
            execute format('alter table hangfire.%I enable row level security', name);
            execute format('alter table hangfire.%I force row level security', name);
            execute format('create policy owner_only on hangfire.%I to current_user using (true) with check (true)', name);
          end loop;
        end $$
        """;

    public static PostgreSqlStorage Create(IOptions<DatabaseOptions> options)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(options.Value.Jobs)
        {
            MaxAutoPrepare = options.Value.Pooler ? 0 : 100,
            AutoPrepareMinUsages = 2,
            // A lost enqueue is found again by the sweeps over our own tables, which are the truth.
            Options = "-c synchronous_commit=off",
            ApplicationName = "platform-jobs",
        }.ConnectionString;
        var settings = new PostgreSqlStorageOptions
        {
            SchemaName = Schema,
            PrepareSchemaIfNecessary = true,
            UseSlidingInvisibilityTimeout = true,
            InvisibilityTimeout = TimeSpan.FromSeconds(60),
            EnableLongPolling = !options.Value.Pooler,
            QueuePollInterval = TimeSpan.FromSeconds(15),
        };
        var storage = new PostgreSqlStorage(new NpgsqlConnectionFactory(connectionString, settings), settings);
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(Protect, connection);
        command.ExecuteNonQuery();
        return storage;
    }
}
