namespace Platform.Host.Tests.Migrations;

public sealed class RefuseMigrationsTests : MigrationTest
{
    [Test]
    public async Task Names_the_file_and_line_that_failed_and_keeps_what_came_before()
    {
        Write("platform/0001_good.sql", "create table platform.good (id int);");
        Write("platform/0002_bad.sql", "create table platform.half (id int);\n\nselect 1;\nselect nonsense from platform.good;");
        Write("platform/0003_later.sql", "create table platform.later (id int);");

        var refusal = await ExpectRefusalAsync("migration_failed");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal.Message, Does.StartWith("platform/0002_bad.sql:4: column \"nonsense\" does not exist (42703)"));
            Assert.That(
                await ScalarAsync("select to_regclass('platform.good') is not null and to_regclass('platform.half') is null "
                    + "and to_regclass('platform.later') is null"),
                Is.True);
            Assert.That(await JournalAsync(), Is.EqualTo("_supabase/0001_create_owner.sql platform/0001_good.sql"));
        }
    }

    [Test]
    public async Task Refuses_a_file_that_ends_its_own_transaction()
    {
        Write("platform/0001_commit.sql", "create table platform.half (id int); commit;");

        await ExpectRefusalAsync("migration_failed");

        Assert.That(await ScalarAsync("select to_regclass('platform.half') is null"), Is.True);
    }

    [Test]
    public async Task Goes_on_where_it_failed_once_the_file_is_corrected()
    {
        Write("platform/0001_bad.sql", "nonsense;");
        await ExpectRefusalAsync("migration_failed");
        Write("platform/0001_bad.sql", "create table platform.good (id int);");

        Assert.That(await MigrateAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Refuses_a_file_that_was_changed_after_it_was_applied()
    {
        Write("platform/0001_one.sql", "create table platform.one (id int);");
        await MigrateAsync();
        Write("platform/0001_one.sql", "create table platform.one (id bigint);");
        Write("platform/0002_two.sql", "create table platform.two (id int);");

        var refusal = await ExpectRefusalAsync("migration_changed");

        Assert.That(refusal.Message, Does.StartWith("platform/0001_one.sql was changed"));
        Assert.That(await ScalarAsync("select to_regclass('platform.two') is null"), Is.True);
    }

    [Test]
    public async Task Refuses_a_database_that_is_newer_than_the_files()
    {
        Write("platform/0001_one.sql", "create table platform.one (id int);");
        await MigrateAsync();
        Remove("platform/0001_one.sql");

        var refusal = await ExpectRefusalAsync("migration_missing");

        Assert.That(refusal.Message, Does.StartWith("platform/0001_one.sql was applied"));
    }

    [TestCase("platform/1_one.sql", "migration_name_invalid")]
    [TestCase("platform/0001-one.sql", "migration_name_invalid")]
    [TestCase("platform/0001_One.sql", "migration_name_invalid")]
    public async Task Refuses_a_name_that_has_no_place_in_the_order(string path, string code)
    {
        Write(path, "select 1;");

        await ExpectRefusalAsync(code);
    }

    [Test]
    public async Task Refuses_two_files_with_one_number()
    {
        Write("platform/0001_one.sql", "select 1;");
        Write("platform/0001_two.sql", "select 1;");

        await ExpectRefusalAsync("migration_number_taken");
    }

    [Test]
    public async Task Refuses_a_missing_folder()
    {
        Directory.Delete(Folder, recursive: true);

        await ExpectRefusalAsync("migrations_not_found");
    }
}
