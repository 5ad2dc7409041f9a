using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>Rules that the database's catalogue keeps, whatever tables there are.</summary>
public sealed class CatalogueTests : PlatformTest
{
    private static readonly string[] Modules = ["platform", "identity", "connectors", "dashboards", "workflows", "chat", "artifacts"];
    private static readonly string[] Everything = [.. Modules, "auth", "storage", "realtime", "hangfire"];

    private NpgsqlConnection _connection = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        // The job storage makes its tables when it is first asked for.
        _ = Application.Services.GetRequiredService<JobStorage>();
        _connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await _connection.OpenAsync();
    }

    [TearDown]
    public async Task CloseAsync() => await _connection.DisposeAsync();

    [Test]
    public async Task Every_schema_has_tables()
    {
        var found = await Sql.TextsAsync(_connection, "select distinct schemaname::text from pg_tables where schemaname = any($1)", [Everything]);

        Assert.That(found, Is.EquivalentTo(Everything));
    }

    [Test]
    public async Task Every_table_has_row_level_security_enabled_and_forced()
    {
        var open = await Sql.TextsAsync(
            _connection,
            """
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname = any($1) and not (c.relrowsecurity and c.relforcerowsecurity)
            """,
            [Everything]);

        Assert.That(open, Is.Empty);
    }

    [Test]
    public async Task Every_column_that_a_policy_reads_begins_an_index()
    {
        var columns = await Sql.TextsAsync(
            _connection,
            """
            select distinct format('%s.%s', p.polrelid::regclass, a.attname)
            from pg_policy p
            join pg_class c on c.oid = p.polrelid
            join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
              and d.refobjid = p.polrelid and d.refobjsubid > 0
            join pg_attribute a on a.attrelid = p.polrelid and a.attnum = d.refobjsubid
            where c.relnamespace::regnamespace::text = any($1)
              and not exists (select from pg_index i where i.indrelid = p.polrelid and i.indkey[0] = a.attnum and i.indpred is null)
            """,
            [Modules]);

        Assert.That(columns, Is.Empty);
    }

    [Test]
    public async Task Every_foreign_key_begins_an_index()
    {
        var keys = await Sql.TextsAsync(
            _connection,
            """
            select format('%s: %s', f.conrelid::regclass, f.conname)
            from pg_constraint f join pg_class c on c.oid = f.conrelid
            where f.contype = 'f' and f.conparentid = 0 and c.relnamespace::regnamespace::text = any($1)
              and not exists (
                select from pg_index i
                where i.indrelid = f.conrelid and i.indkey[0] = f.conkey[1]
                  and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) like '%IS NOT NULL)'))
            """,
            [Everything]);

        Assert.That(keys, Is.Empty);
    }

    [Test]
    public async Task No_foreign_key_leaves_its_schema()
    {
        var keys = await Sql.TextsAsync(
            _connection,
            """
            select format('%s: %s', f.conrelid::regclass, f.conname)
            from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_class target on target.oid = f.confrelid
            where f.contype = 'f' and c.relnamespace <> target.relnamespace and c.relnamespace::regnamespace::text = any($1)
            """,
            [Everything]);

        Assert.That(keys, Is.Empty);
    }

    [Test]
    public async Task Realtime_carries_what_people_watch_and_no_secret()
    {
        var published = await Sql.RowsAsync(
            _connection,
            "select format('%s.%s', schemaname, tablename), attnames::text[] from pg_publication_tables where pubname = 'supabase_realtime'");

        Assert.That(published.Select(row => row[0]), Is.EquivalentTo(new[]
        {
            "connectors.connectors", "connectors.sync_runs", "dashboards.dashboards", "dashboards.widgets", "workflows.workflow_executions",
            "workflows.execution_steps", "chat.chat_messages", "artifacts.artifacts",
        }));
        Assert.That(published.SelectMany(row => (string[])row[1]!), Has.None.Contains("encrypted").And.None.Contains("hash"));
    }

    [Test]
    public async Task No_client_reads_a_sealed_or_hashed_secret_of_a_connector()
    {
        var readable = await Sql.RowsAsync(
            _connection,
            """
            select role from unnest(array['anon', 'authenticated']) as role
            where has_column_privilege(role, 'connectors.connectors', 'credentials_encrypted', 'select')
            """);

        Assert.That(readable, Is.Empty);
    }
}
