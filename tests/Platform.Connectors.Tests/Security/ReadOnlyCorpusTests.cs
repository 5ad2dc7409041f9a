using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Platform.Connectors.Tests.Features;
using Platform.Connectors.Tests.Sources;

namespace Platform.Connectors.Tests.Security;

/// <summary>
/// Whoever asks over the API may be led by somebody else's words, so a query can read and nothing else, even where the source's own user
/// may do everything.
/// </summary>
public sealed class ReadOnlyCorpusTests : ConnectorTest
{
    private static readonly string[] Refusals = ["query_invalid", "query_failed", "permission_denied"];
    private readonly string _folder = Directory.CreateTempSubdirectory("escapes-").FullName;

    // The servers run as users of their own.
    [OneTimeSetUp]
    public void OpenFolder() => File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Postgres_lets_nothing_but_reading_through()
    {
        await Source.ExecuteAsync(
            """
            create role careless superuser login password 'careless password';
            alter role careless set standard_conforming_strings = off;
            create table planted (id int primary key, name text);
            insert into planted values (1, 'one'), (2, 'two'), (3, 'three');
            create sequence planted_seq;
            create materialized view planted_view as select * from planted;
            create function wipe() returns int language plpgsql security definer as 'begin delete from planted; return 1; end';
            create function wipe_as_writer() returns int language plpgsql set transaction_read_only = off as
              'begin delete from planted; return 1; end';
            create function wipe_in_parts() returns int language plpgsql as
              'begin execute $a$set transaction$a$ || $a$ read write$a$; execute $b$delete from planted$b$; return 1; end';
            create procedure wipe_all() language plpgsql as 'begin commit; delete from planted; end';
            """);
        try
        {
            var before = await StateOfPostgresAsync();

            await ExpectRefusalsAsync(
                "postgres", new { host = "localhost", port = Source.Port, database = "shop", username = "careless" },
                new { password = "careless password" }, ReadOnlyEscapes.Postgres, ReadOnlyEscapes.Harmless, StateOfPostgresAsync);

            Assert.That(await StateOfPostgresAsync(), Is.EqualTo(before));
        }
        finally
        {
            await Source.ExecuteAsync(
                """
                drop procedure wipe_all; drop function wipe, wipe_as_writer, wipe_in_parts; drop materialized view planted_view;
                drop sequence planted_seq; drop table planted; drop role careless
                """);
        }
    }

    [Test]
    public async Task Postgres_holds_no_query_beyond_its_time()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);

        using var response = await alice.Client.PostAsJsonAsync($"{path}/query", new { query = "select pg_sleep(60)", timeout_ms = 300 });

        await ExpectProblemAsync(response, 504, "timeout");
        const string Active = "select count(*) from pg_stat_activity where usename = 'reader' and state = 'active'";
        Assert.That(await Source.AskAsync<long>(Active), Is.Zero);
    }

    [Test]
    public async Task MySql_lets_nothing_but_reading_through()
    {
        await using var server = await SourceMariaDb.StartAsync(withTls: false);
        await server.ExecuteAsync(
            """
            create database shop; use shop;
            create table planted (id int primary key, name varchar(50));
            insert into planted values (1, 'one'), (2, 'two'), (3, 'three');
            create sequence planted_seq;
            create function wipe() returns int deterministic modifies sql data begin delete from planted; return 1; end;
            create procedure wipe_all() begin commit; delete from planted; end;
            set global sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES';
            """);
        Task<string> StateAsync() => server.AskAsync<string>(
            """
            select concat(
              (select group_concat(id, name order by id) from shop.planted), ' ', (select next_not_cached_value from shop.planted_seq), ' ',
              (select group_concat(table_name order by table_name) from information_schema.tables where table_schema = 'shop'), ' ',
              (select group_concat(user order by user) from mysql.global_priv), ' ', @@global.read_only, ' ', is_free_lock('x'))
            """);
        var before = await StateAsync();

        await ExpectRefusalsAsync(
            "mysql", new { host = "127.0.0.1", port = server.Port, database = "shop", username = "owner" },
            new { password = "owner password" }, ReadOnlyEscapes.MySql, ReadOnlyEscapes.HarmlessInMySql, StateAsync);

        Assert.That(await StateAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Sqlite_lets_nothing_but_reading_through()
    {
        var alice = await SignInAsync();
        var file = Path.Combine(_folder, "planted.sqlite");
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText =
                "create table planted (id integer primary key, name text); insert into planted values (1, 'one'), (2, 'two'), (3, 'three')";
            await command.ExecuteNonQueryAsync();
        }

        var bytes = await File.ReadAllBytesAsync(file);
        File.Delete(file);

        await ExpectRefusalsAsync(
            alice.Client, "sqlite", new { upload_id = await UploadAsync(alice.Client, "planted.sqlite", bytes) }, new { },
            ReadOnlyEscapes.Sqlite);
    }

    [Test]
    public async Task Files_let_nothing_but_reading_through()
    {
        var alice = await SignInAsync();
        var upload = await UploadAsync(alice.Client, "planted.csv", "id,name\n1,one\n2,two\n3,three\n"u8.ToArray());

        await ExpectRefusalsAsync(
            alice.Client, "file", new { upload_id = upload, format = "csv", table = "planted" }, new { }, ReadOnlyEscapes.DuckDb);
    }

    private static Task<string> StateOfPostgresAsync() => Source.AskAsync<string>(
        """
        select concat_ws(' ',
          (select string_agg(id || name, ',' order by id) from planted), (select last_value || is_called::text from planted_seq),
          (select string_agg(relname, ',' order by relname) from pg_class where relnamespace = 'public'::regnamespace),
          (select string_agg(rolname || rolsuper, ',' order by rolname) from pg_roles), (select count(*) from pg_largeobject_metadata),
          (select count(*) from pg_replication_slots), (select count(*) from pg_locks where locktype = 'advisory'),
          (select count(*) from pg_prepared_xacts), (select count(*) from pg_proc where pronamespace = 'public'::regnamespace),
          (select relacl from pg_class where relname = 'planted'), current_setting('work_mem'),
          (select count(*) from pg_ls_dir('pg_snapshots')))
        """);

    private async Task ExpectRefusalsAsync(
        string type, object config, object credentials, IReadOnlyList<string> statements, IReadOnlyList<string> harmless,
        Func<Task<string>> stateAsync)
    {
        var alice = await SignInAsync();
        var before = await stateAsync();
        var path = await ExpectRefusalsAsync(alice.Client, type, config, credentials, statements, stateAsync);
        foreach (var query in harmless)
        {
            await PostAsync(alice.Client, $"{path}/query", new { query }, System.Net.HttpStatusCode.OK);
            Assert.That(await stateAsync(), Is.EqualTo(before), query);
        }
    }

    private async Task<string> ExpectRefusalsAsync(
        HttpClient client, string type, object config, object credentials, IReadOnlyList<string> statements,
        Func<Task<string>>? stateAsync = null)
    {
        var path = await ConnectAsync(client, new { name = $"Planted in {type}", type, config, credentials });
        var target = Path.Combine(_folder, $"stolen-{type}");
        var before = stateAsync is null ? "" : await stateAsync();
        var holes = new List<string>();
        Assert.That(statements, Is.Unique);
        Assert.That(statements, Has.Count.GreaterThan(40));

        foreach (var statement in statements)
        {
            var query = statement.Replace("{file}", target, StringComparison.Ordinal);
            using var response = await client.PostAsJsonAsync($"{path}/query", new { query, timeout_ms = 5000 });
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();
            if ((int)response.StatusCode != 422 || !Refusals.Contains(body.GetProperty("code").GetString()))
            {
                holes.Add($"{JsonSerializer.Serialize(statement)}: {body}");
            }

            if (stateAsync is not null && await stateAsync() is var after && after != before)
            {
                holes.Add($"{JsonSerializer.Serialize(statement)} changed {before} to {after}");
                before = after;
            }
        }

        var planted = await PostAsync(
            client, $"{path}/query", new { query = "select id, name from planted order by id" }, System.Net.HttpStatusCode.OK);
        Assert.That(holes, Is.Empty);
        Assert.That(planted.GetProperty("rows").GetRawText(), Is.EqualTo("""[[1,"one"],[2,"two"],[3,"three"]]"""));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
        return path;
    }
}
