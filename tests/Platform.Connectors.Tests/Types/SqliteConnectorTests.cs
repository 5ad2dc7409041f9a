using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Platform.Connectors.Sqlite;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Types;

public sealed class SqliteConnectorTests
{
    private readonly LocalUploads _uploads = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("source-sqlite-").FullName;
    private Workers _workers = null!;
    private SqliteConnector _connector = null!;
    private ConnectorSettings _shop = null!;

    [OneTimeSetUp]
    public async Task MakeFile()
    {
        _workers = new Workers(configure: options => options.MemoryMegabytes = 64);
        var engine = new SqliteEngine(_workers.Pool, _workers.Folders, Microsoft.Extensions.Options.Options.Create(_workers.Options));
        _connector = new SqliteConnector(engine, _uploads, _workers.Cache, TimeProvider.System);
        _shop = Upload(await CreateAsync(
            "shop",
            """
            create table orders (id integer primary key, customer varchar(20) not null, total numeric, placed_on date, placed_at datetime,
              paid boolean, raw blob, anything);
            with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 3000)
            insert into orders select n, 'customer ' || (n % 10), n * 1.5, date('2026-01-01', n || ' days'), datetime('2026-01-01 10:00:00'),
              n % 2, x'00ff', case n % 2 when 0 then n else 'text' end from numbers;
            create view paid_orders as select id, total from orders where paid;
            create table "odd ""name" ("select" int);
            create virtual table notes using fts5(body);
            insert into notes values ('hello world');
            """));
    }

    [OneTimeTearDown]
    public void RemoveFiles()
    {
        _workers.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Tells_that_a_file_can_be_read()
    {
        var result = await _connector.TestAsync(_shop, default);

        Assert.That(result.Code, Is.EqualTo("ok"), result.Detail);
    }

    [TestCase("not a database at all, but long enough to have a header of a hundred bytes, so that it is read to the end of it: ....")]
    [TestCase("SQLite format 3\0 and then nothing that makes sense, filled up until it is longer than a header of a hundred bytes is......")]
    public async Task Tells_that_a_file_is_none(string content)
    {
        var path = Path.Combine(_folder, $"{content.Length}.sqlite");
        await File.WriteAllTextAsync(path, content);

        var settings = Upload(path);
        var test = await _connector.TestAsync(settings, default);
        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.DiscoverAsync(settings, null, default));

        Assert.That(test.Code, Is.EqualTo("invalid_config"));
        Assert.That(exception.Code, Is.EqualTo("data_invalid"), exception.Message);
    }

    [Test]
    public async Task Survives_damaged_pages()
    {
        var path = await CreateAsync("damaged", "create table t (v text); insert into t values (hex(randomblob(20000)));");
        var bytes = await File.ReadAllBytesAsync(path);
        Array.Fill(bytes, (byte)0xff, 4096, bytes.Length - 4096);
        await File.WriteAllBytesAsync(path, bytes);

        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Upload(path), Settings.Query("select * from t"), default));

        Assert.That(exception.Code, Is.EqualTo("data_invalid"), exception.Message);
    }

    [Test]
    public async Task Gives_values_as_json_of_their_type()
    {
        var result = await _connector.QueryAsync(_shop, Settings.Query("select * from orders order by id limit 2"), default);

        Assert.That(result.Types(), Is.EqualTo("integer text double date timestamp boolean text text"));
        Assert.That(result.Json(), Is.EqualTo(
            """[[1,"customer 1",1.5,"2026-01-02","2026-01-01T10:00:00",true,"0x00ff","text"],[2,"customer 2",3,"2026-01-03","2026-01-01T10:00:00",false,"0x00ff",2]]"""));
    }

    [TestCase("select count(*) from orders where customer = :name", """{"name": "customer 3"}""", "[[300]]")]
    [TestCase("select count(*) from orders where customer = @name", """{"name": "x' or 1=1 --"}""", "[[0]]")]
    [TestCase("select {{a}}, {{ b }} + 1, :a || '!'", """{"a": "; drop table orders", "b": 41}""", "[[\"; drop table orders\",42,\"; drop table orders!\"]]")]
    [TestCase("select count(*) from orders where id in (select value from json_each(:ids))", """{"ids": [1, 2, 3]}""", "[[3]]")]
    [TestCase("select ':name', [c], `c` from (select 1 as c) /* /* :name */ where :name is null -- :name", """{"name": null}""", "[[\":name\",1,1]]")]
    [TestCase("select id from orders order by id limit $1 offset $1", "[2]", "[[3],[4]]")]
    [TestCase("select body from notes where notes match :word", """{"word": "hello"}""", "[[\"hello world\"]]")]
    [TestCase("with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select sum(i) from n", "{}", "[[15]]")]
    public async Task Binds_parameters(string sql, string parameters, string expected)
    {
        var result = await _connector.QueryAsync(_shop, Settings.Query(sql, JsonElement.Parse(parameters)), default);

        Assert.That(result.Json(), Is.EqualTo(expected));
    }

    [TestCase("select 1; drop table orders", "query_invalid")]
    [TestCase("delete from orders", "query_invalid")]
    [TestCase("attach '/etc/passwd' as stolen", "query_invalid")]
    [TestCase("pragma query_only = off", "query_invalid")]
    [TestCase("vacuum into '/tmp/stolen'", "query_invalid")]
    [TestCase("with gone as (select 1) delete from orders", "query_invalid")]
    [TestCase("select load_extension('/tmp/evil')", "query_invalid")]
    [TestCase("select fts3_tokenizer('simple')", "query_invalid,query_failed")]
    [TestCase("select * from pragma_database_list", "query_invalid")]
    [TestCase("select readfile('/etc/passwd')", "query_failed")]
    [TestCase("select nope from orders", "query_failed")]
    [TestCase("select ? + 1", "query_failed")]
    [TestCase("select zeroblob(900000000)", "query_too_large")]
    [TestCase("with recursive n(i) as (select 1 union all select i + 1 from n where i < 40000) select length(group_concat(hex(randomblob(1000)))) from n", "query_too_large")]
    [TestCase("with recursive n(i) as (select 1 union all select i + 1 from n where i < 400000) select count(distinct hex(randomblob(1000))) from n", "query_too_large")]
    [TestCase("", "query_invalid")]
    public void Refuses_what_does_not_read(string sql, string codes)
    {
        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(_shop, Settings.Query(sql), default));

        Assert.That(codes.Split(','), Does.Contain(exception.Code), exception.Message);
        Assert.That(exception.Message, Does.Not.Contain("/tmp/platform"));
    }

    [Test]
    public async Task Trusts_no_view_of_a_foreign_file()
    {
        var hostile = Upload(await CreateAsync(
            "hostile", "create view innocent as select load_extension('/tmp/evil') as x; create table t (v);"));

        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(hostile, Settings.Query("select * from innocent"), default));

        Assert.That(exception.Code, Is.EqualTo("query_invalid").Or.EqualTo("query_failed"), exception.Message);
    }

    [Test]
    public async Task Cuts_rows_and_bytes_and_says_so()
    {
        var some = await _connector.QueryAsync(_shop, Settings.Query("select id from orders", maxRows: 3), default);
        var narrow = await _connector.QueryAsync(
            _shop, Settings.Query("select printf('%.900c', 'x') from orders", maxRows: 5000, maxBytes: 10_000), default);

        Assert.That(some.Json(), Is.EqualTo("[[1],[2],[3]]"));
        Assert.That(some.Truncated);
        Assert.That(narrow.RowCount, Is.EqualTo(11));
        Assert.That(narrow.Truncated);
    }

    [Test]
    public void Stops_when_the_time_is_over()
    {
        var watch = Stopwatch.StartNew();

        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(
            _shop, Settings.Query("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n", seconds: 0.5), default));

        Assert.That(exception.Code, Is.EqualTo("query_timeout"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task Lists_tables_and_views()
    {
        var all = await _connector.DiscoverAsync(_shop, null, default);
        var found = await _connector.DiscoverAsync(_shop, "placed", default);

        Assert.That(all.Select(table => table.Name), Is.SupersetOf(["odd \"name", "orders", "paid_orders", "notes"]));
        Assert.That(found.Select(table => table.Name), Is.EqualTo(["orders"]));
        Assert.That(
            found[0].Columns.Select(column => $"{column.Name} {column.Type}"),
            Is.EqualTo([
                "id integer", "customer text", "total double", "placed_on date", "placed_at timestamp", "paid boolean", "raw text",
                "anything text"]));
    }

    [Test]
    public async Task Reads_a_table_as_lines_from_the_cursor_on()
    {
        var batches = await ReadAsync(new StreamRead("orders", "id", "2990"));
        var whole = await ReadAsync(new StreamRead("orders", null, null));

        Assert.That(batches.Sum(batch => batch.Count), Is.EqualTo(10));
        Assert.That(batches[^1].CursorValue, Is.EqualTo("3000"));
        Assert.That(Encoding.UTF8.GetString(batches[0].Lines.Span), Does.StartWith("""{"c0":2991,"c1":"customer 1","c2":4486.5,"""));
        Assert.That(
            batches[0].Columns!.Select(column => column.StorageType),
            Is.EqualTo(["BIGINT", "VARCHAR", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR", "VARCHAR"]));
        Assert.That(whole.Sum(batch => batch.Count), Is.EqualTo(3000));
    }

    private async Task<List<RowBatch>> ReadAsync(StreamRead stream)
    {
        var batches = new List<RowBatch>();
        await foreach (var batch in _connector.ReadAsync(_shop, stream, default))
        {
            batches.Add(batch);
        }

        return batches;
    }

    private ConnectorSettings Upload(string path) => Settings.Of(new { upload_id = _uploads.Add(path) });

    private async Task<string> CreateAsync(string name, string sql)
    {
        var path = Path.Combine(_folder, $"{name}.sqlite");
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
        return path;
    }
}
