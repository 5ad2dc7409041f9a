using Platform.LocalSupabase.Postgres;

namespace Platform.Host.Tests.Migrations;

public sealed class ApplyMigrationsTests : MigrationTest
{
    [Test]
    public async Task Applies_supabase_then_platform_then_the_others_by_name_and_number()
    {
        Write("platform/0001_create_log.sql", "create table platform.log (id int generated always as identity, line text);");
        Write("zoo/0001_create_zoo.sql", "create schema zoo; insert into platform.log (line) values ('zoo 1');");
        Write("art/0002_second.sql", "insert into platform.log (line) values ('art 2');");
        Write("art/0001_first.sql", "create schema art; insert into platform.log (line) values ('art 1');");
        Write("_supabase/0002_extra.sql", "create schema extra;");

        var applied = await MigrateAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(applied, Is.EqualTo(6));
            Assert.That(
                await JournalAsync(),
                Is.EqualTo("_supabase/0001_create_owner.sql _supabase/0002_extra.sql platform/0001_create_log.sql "
                    + "art/0001_first.sql art/0002_second.sql zoo/0001_create_zoo.sql"));
            Assert.That(
                await ScalarAsync("select string_agg(line, ', ' order by id) from platform.log"), Is.EqualTo("art 1, art 2, zoo 1"));
        }
    }

    [Test]
    public async Task Runs_supabase_files_as_superuser_and_the_others_as_an_ordinary_owner()
    {
        Write("_supabase/0002_whoami.sql", "create schema extra; create table extra.who as select current_user::text as name;");
        Write("platform/0001_whoami.sql", "create table platform.who as select current_user::text as name;");

        await MigrateAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ScalarAsync("select name from extra.who"), Is.EqualTo("supabase_admin"));
            Assert.That(await ScalarAsync("select name from platform.who"), Is.EqualTo("postgres"));
            Assert.That(await ScalarAsync("select rolsuper from pg_roles where rolname = 'postgres'"), Is.False);
        }
    }

    [Test]
    public async Task Applies_only_what_is_new_the_next_time()
    {
        Write("platform/0001_one.sql", "create table platform.one (id int);");
        await MigrateAsync();
        Write("platform/0002_two.sql", "create table platform.two (id int);");

        var second = await MigrateAsync();
        var third = await MigrateAsync();

        Assert.That((second, third), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Closes_the_journal_to_everybody_but_its_owner()
    {
        Write("platform/0001_open_schema.sql", "grant usage on schema platform to public;");
        await MigrateAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                await ScalarAsync(
                    "select relrowsecurity and relforcerowsecurity from pg_class where oid = 'platform.schema_migrations'::regclass"),
                Is.True);
            Assert.That(await ScalarAsync("select count(*) from platform.schema_migrations", LoginNames.Owner), Is.EqualTo(2L));
            Assert.That(
                await ScalarAsync(
                    "select bool_or(has_table_privilege(rolname, 'platform.schema_migrations', 'select,insert,update,delete')) "
                    + "from pg_roles where not rolsuper and rolname not in ('postgres', 'pg_read_all_data', 'pg_write_all_data')"),
                Is.False);
        }
    }

    [Test]
    public async Task Gives_a_login_its_password_with_the_file_that_creates_it()
    {
        Write(
            "_supabase/0002_create_login.sql",
            "do $$ begin if to_regrole('platform_api') is null then create role platform_api login; end if; end $$;");

        await MigrateAsync();

        Assert.That(await ScalarAsync("select current_user::text", "platform_api"), Is.EqualTo("platform_api"));
    }

    [Test]
    public async Task Takes_back_the_role_that_a_file_left_set()
    {
        Write(
            "_supabase/0002_set_role.sql",
            "do $$ begin if to_regrole('visitor') is null then create role visitor; end if; end $$; set local role visitor;");
        Write("platform/0001_one.sql", "set role postgres; create table platform.one (id int);");

        Assert.That(await MigrateAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Ignores_the_supabase_folder_on_a_supabase_project()
    {
        await MigrateAsync();
        await ScalarAsync("drop table platform.schema_migrations");
        await ScalarAsync("alter schema platform owner to postgres");
        Write("platform/0001_one.sql", "create table platform.one (id int);");

        var applied = await MigrateAsync(embedded: false);

        Assert.That(applied, Is.EqualTo(1));
        Assert.That(await JournalAsync(), Is.EqualTo("platform/0001_one.sql"));
    }

    [Test]
    public async Task Applies_each_file_once_when_several_nodes_start_together()
    {
        Write("platform/0001_one.sql", "create table platform.one (id int); select pg_sleep(0.2);");
        Write("platform/0002_two.sql", "insert into platform.one values (1);");
        Write("shop/0001_shop.sql", "create schema shop; insert into platform.one values (2);");

        var counts = await Task.WhenAll(MigrateAsync(), MigrateAsync(), MigrateAsync());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(counts.Sum(), Is.EqualTo(4));
            Assert.That(await ScalarAsync("select count(*) from platform.one"), Is.EqualTo(2L));
        }
    }

    [Test]
    public async Task Understands_function_bodies_comments_and_colons()
    {
        Write(
            "platform/0001_functions.sql",
            """
            -- a comment; with a semicolon, a :name and an @name
            create function platform.twice(n int) returns int language plpgsql as $body$
            declare result int := n * 2; -- not a parameter
            begin return result; end $body$;
            create function platform.half(n int) returns int language sql begin atomic select n / 2; select n / 2 + 0; end;
            create table platform.texts as select 'a;b'::text as a, '{"k": ":v @w"}'::jsonb ->> 'k' as b, array[1, 2] @> array[1] as c;
            """);

        await MigrateAsync();

        Assert.That(
            await ScalarAsync("select platform.twice(4) || a || b || c || platform.half(4) from platform.texts"),
            Is.EqualTo("8a;b:v @wtrue2"));
    }
}
