using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Types;

public sealed class PostgresConnectorTests
{
    private readonly PostgresConnector _connector = new(new LoopbackEgress(), TimeProvider.System);
    private SourcePostgres _server = null!;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        _server = SourcePostgres.Start();
        await _server.ExecuteAsync("create database shop", "postgres");
        await _server.ExecuteAsync(
            """
            create role reader login password 'reader password';
            create role stranger login password 'stranger password';
            revoke connect on database shop from public;
            grant connect on database shop to reader;
            create type mood as enum ('sad', 'happy');
            create table orders (id bigint primary key, customer text not null, total numeric(10,2), placed_on date, mood mood,
              placed_at timestamptz, tags text[], note jsonb, weight double precision, paid boolean);
            insert into orders select i, 'customer ' || i % 10, i * 1.25, date '2026-01-01' + i, 'happy', timestamptz '2026-01-01 12:00:00+02' + i * interval '1 hour',
              array['a', 'b "c"', null], jsonb_build_object('n', i), i / 4.0, i % 2 = 0 from generate_series(1, 5000) as i;
            create table secrets (value text);
            create schema archive;
            create table archive.orders (id int);
            grant usage on schema archive to reader;
            grant select on orders, archive.orders to reader;
            """);
    }

    [OneTimeTearDown]
    public void StopServer() => _server.Dispose();

    [Test]
    public async Task Tells_that_a_connection_works()
    {
        var result = await _connector.TestAsync(Reader(), default);

        Assert.That(result.Code, Is.EqualTo("ok"), result.Detail);
        Assert.That(result.Ok);
        Assert.That(result.Detail, Does.StartWith("Connected to PostgreSQL 1"));
    }

    [TestCase("authentication_failed", "reader", "wrong", "shop", "localhost", "prefer")]
    [TestCase("permission_denied", "stranger", "stranger password", "shop", "localhost", "prefer")]
    [TestCase("database_not_found", "reader", "reader password", "nowhere", "localhost", "prefer")]
    [TestCase("host_not_found", "reader", "reader password", "shop", "nowhere.invalid", "prefer")]
    [TestCase("address_not_allowed", "reader", "reader password", "shop", "10.11.12.13", "prefer")]
    [TestCase("tls_failed", "reader", "reader password", "shop", "localhost", "verify-full")]
    public async Task Tells_failures_apart(string code, string username, string password, string database, string host, string sslMode)
    {
        var settings = Settings.Of(
            new { host, port = _server.Port, database, username, ssl_mode = sslMode }, new { password });

        var result = await _connector.TestAsync(settings, default);

        Assert.That(result.Code, Is.EqualTo(code), result.Detail);
        Assert.That(result.Ok, Is.False);
        Assert.That(result.Detail, Does.Not.Contain(host).And.Not.Contain(username).And.Not.Contain(password));
    }

    [Test]
    public async Task Tells_that_nothing_listens()
    {
        var result = await _connector.TestAsync(
            Settings.Of(new { host = "localhost", port = 1, database = "shop", username = "reader" }, new { password = "x" }), default);

        Assert.That(result.Code, Is.EqualTo("connection_refused"), result.Detail);
    }

    [Test]
    public async Task Tells_that_a_server_stays_silent()
    {
        var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;

        var result = await _connector.TestAsync(
            Settings.Of(new { host = "127.0.0.1", port, database = "shop", username = "reader" }, new { password = "x" }), default);

        silent.Stop();
        Assert.That(result.Code, Is.EqualTo("timeout"), result.Detail);
        Assert.That(result.LatencyMs, Is.LessThan(15_000));
    }

    [Test]
    public async Task Trusts_the_root_certificate_of_the_config()
    {
        var settings = Settings.Of(
            new
            {
                host = "localhost",
                port = _server.Port,
                database = "shop",
                username = "reader",
                ssl_mode = "verify-full",
                root_certificate = _server.Certificate,
            },
            new { password = "reader password" });

        var result = await _connector.TestAsync(settings, default);

        Assert.That(result.Code, Is.EqualTo("ok"), result.Detail);
    }

    [Test]
    public async Task Gives_values_as_json_of_their_type()
    {
        var result = await _connector.QueryAsync(Reader(), Settings.Query("select * from orders order by id limit 1"), default);

        Assert.That(result.Types(), Is.EqualTo("integer text decimal date text timestamptz json json double boolean"));
        Assert.That(
            result.Json(),
            Is.EqualTo("""[[1,"customer 1",1.25,"2026-01-02","happy","2026-01-01T11:00:00Z",["a","b \"c\"",null],{"n": 1},0.25,false]]"""));
        Assert.That(result.RowCount, Is.EqualTo(1));
        Assert.That(result.Truncated, Is.False);
    }

    [Test]
    public async Task Gives_values_that_no_client_type_holds()
    {
        const string Sql =
            """
            select 'NaN'::float8, '-Infinity'::float8, 'NaN'::numeric, repeat('9', 60)::numeric, 'infinity'::timestamptz, date '0044-03-15 BC',
              '12345-01-01'::date, array[[1,2],[3,4]], '{}'::int[], array['NULL', null], null::jsonb, '\x00ff'::bytea, interval '1 day 2 hours',
              row(1,'a'), '192.168.0.1'::inet, array['NaN', 1.5]::numeric[], 9223372036854775807::int8
            """;

        var result = await _connector.QueryAsync(Reader(), Settings.Query(Sql), default);

        Assert.That(result.Json(), Is.EqualTo(
            $$"""[[null,null,null,{{new string('9', 60)}},"infinity","0044-03-15 BC","12345-01-01",[[1,2],[3,4]],[],["NULL",null],null,"\\x00ff","P1DT2H","(1,a)","192.168.0.1",[null,1.5],9223372036854775807]]"""));
    }

    [TestCase("select count(*) from orders where customer = :name", """{"name": "customer 3"}""", "[[500]]")]
    [TestCase("select count(*) from orders where customer = @name", """{"name": "x' or 1=1 --"}""", "[[0]]")]
    [TestCase("select {{a}}::text, {{ b }}::int + 1, :a || '!'", """{"a": "; drop table orders", "b": 41}""", "[[\"; drop table orders\",42,\"; drop table orders!\"]]")]
    [TestCase("select count(*) from orders where id = any($1) and total > $2", "[[1, 2, 3], 2.4]", "[[2]]")]
    [TestCase("select count(*) from orders where placed_on between :from and :to", """{"from": "2026-01-02", "to": "2026-01-11"}""", "[[10]]")]
    [TestCase("select count(*) from orders where mood = :mood and paid = :paid", """{"mood": "happy", "paid": true}""", "[[2500]]")]
    [TestCase("select count(*) from orders where customer = any(:names)", """{"names": ["customer 1", "a \"b\" \\"]}""", "[[500]]")]
    [TestCase("select placed_on + :days from orders where id = 1", """{"days": 2}""", "[[\"2026-01-04\"]]")]
    [TestCase("select ':name', \"c\" from (select 1 as \"c\") as x -- :name\n where :name::text is null /* {{name}} */", """{"name": null}""", "[[\":name\",1]]")]
    [TestCase("select id from orders order by id limit :n offset :n", """{"n": 2, "unused": "x"}""", "[[3],[4]]")]
    [TestCase("select (array[1,2,3])[1:2]", """{"name": 1}""", "[[[1,2]]]")]
    [TestCase("select '{\"a\": 1}'::jsonb @> :document", """{"document": {"a": 1}}""", "[[true]]")]
    public async Task Binds_parameters(string sql, string parameters, string expected)
    {
        var result = await _connector.QueryAsync(Reader(), Settings.Query(sql, JsonElement.Parse(parameters)), default);

        Assert.That(result.Json(), Is.EqualTo(expected));
    }

    [TestCase("show server_encoding", "[[\"UTF8\"]]")]
    [TestCase("SHOW datestyle", "[[\"ISO, YMD\"]]")]
    [TestCase("values (1), (2)", "[[1],[2]]")]
    [TestCase("table archive.orders", "[]")]
    [TestCase("explain (costs off) select 1", "[[\"Result\"]]")]
    [TestCase("explain (costs off, analyze false) select count(*) from archive.orders where id = :id", null)]
    public async Task Takes_every_statement_that_reads(string sql, string? expected)
    {
        var result = await _connector.QueryAsync(Reader(), Settings.Query(sql, new { id = 1 }), default);

        Assert.That(result.Json(), expected is null ? Does.Contain("id = 1") : Is.EqualTo(expected));
    }

    [TestCase("select 1; drop table orders", "query_invalid")]
    [TestCase("delete from orders", "query_invalid")]
    [TestCase("copy orders to program 'cat'", "query_invalid")]
    [TestCase("do $$ begin perform 1; end $$", "query_invalid")]
    [TestCase("with gone as (delete from orders returning 1) select * from gone", "query_failed")]
    [TestCase("select set_config('transaction_read_only', 'off', false)", "query_invalid")]
    [TestCase("select * into stolen from orders", "query_failed")]
    [TestCase("explain analyze delete from orders", "query_invalid")]
    [TestCase("select * from secrets", "permission_denied")]
    [TestCase("select nope from orders", "query_failed")]
    [TestCase("select {{name}}", "query_invalid")]
    [TestCase("", "query_invalid")]
    [TestCase("select 'unclosed", "query_invalid")]
    public async Task Refuses_what_does_not_read(string sql, string code)
    {
        // Only the owner could write at all; secrets are what the reader may not read.
        var username = sql.Contains("secrets", StringComparison.Ordinal) ? "reader" : "owner";
        var owner = Settings.Of(
            new { host = "127.0.0.1", port = _server.Port, database = "shop", username },
            new { password = $"{username} password" });

        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(owner, Settings.Query(sql), default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
        Assert.That(await _server.AskAsync<long>("select count(*) from orders"), Is.EqualTo(5000));
    }

    [Test]
    public async Task Cuts_rows_and_says_so()
    {
        var some = await _connector.QueryAsync(Reader(), Settings.Query("select id from orders order by id", maxRows: 3), default);
        var all = await _connector.QueryAsync(Reader(), Settings.Query("select id from orders order by id", maxRows: 5000), default);

        Assert.That(some.Json(), Is.EqualTo("[[1],[2],[3]]"));
        Assert.That(some.Truncated);
        Assert.That(all.RowCount, Is.EqualTo(5000));
        Assert.That(all.Truncated, Is.False);
    }

    [Test]
    public async Task Cuts_bytes_without_loading_them()
    {
        var before = GC.GetTotalAllocatedBytes();

        var result = await _connector.QueryAsync(
            Reader(), Settings.Query("select repeat('x', 100000000) as huge union all select 'small'", maxBytes: 10_000), default);

        Assert.That(result.RowCount, Is.Zero);
        Assert.That(result.Truncated);
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(20_000_000));
    }

    [Test]
    public async Task Stops_at_the_source_when_the_time_is_over()
    {
        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Reader(), Settings.Query("select pg_sleep(60)", seconds: 0.5), default));

        Assert.That(exception.Code, Is.EqualTo("query_timeout"));
        await ExpectNoSleeperAsync();
    }

    [Test]
    public async Task Stops_at_the_source_when_nobody_waits()
    {
        using var cancellation = new CancellationTokenSource(500);
        var watch = Stopwatch.StartNew();

        Assert.CatchAsync<OperationCanceledException>(
            () => _connector.QueryAsync(Reader(), Settings.Query("select pg_sleep(60)"), cancellation.Token));

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        await ExpectNoSleeperAsync();
    }

    [Test]
    public async Task Lists_the_tables_that_the_user_may_read()
    {
        var all = await _connector.DiscoverAsync(Reader(), null, default);
        var found = await _connector.DiscoverAsync(Reader(), "archive", default);

        Assert.That(all.Select(table => table.Name), Is.EqualTo(["archive.orders", "orders"]));
        Assert.That(all[1].Columns[0], Is.EqualTo(new SourceColumn("id", "integer", false)));
        Assert.That(all[1].Columns[2], Is.EqualTo(new SourceColumn("total", "decimal", true)));
        Assert.That(found.Select(table => table.Name), Is.EqualTo(["archive.orders"]));
    }

    [Test]
    public async Task Reads_a_table_as_rows_from_the_cursor_on()
    {
        var lines = new List<string>();
        RowBatch? last = null;
        await foreach (var batch in _connector.ReadAsync(Reader(), new StreamRead("orders", "id", "4990"), default))
        {
            lines.AddRange(Encoding.UTF8.GetString(batch.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            last = batch;
        }

        Assert.That(lines, Has.Count.EqualTo(10));
        Assert.That(lines[0], Does.StartWith("4991,4991,customer 1,6238.75,2039-"));
        Assert.That(last!.CursorValue, Is.EqualTo("5000"));
        Assert.That(
            last.Columns!.Select(column => $"{column.Name} {column.StorageType}").Take(6),
            Is.EqualTo(["id BIGINT", "customer VARCHAR", "total DECIMAL(10,2)", "placed_on DATE", "mood VARCHAR", "placed_at TIMESTAMPTZ"]));
    }

    [Test]
    public async Task Gives_equal_questions_an_equal_hash()
    {
        var one = await _connector.QueryAsync(Reader(), Settings.Query("select :a, :b", new { a = 1, b = 2 }), default);
        var same = await _connector.QueryAsync(Reader(), Settings.Query(" select :a, :b ", new { b = 2, a = 1 }), default);
        var other = await _connector.QueryAsync(Reader(), Settings.Query("select :a, :b", new { a = 1, b = 3 }), default);

        Assert.That(same.QueryHash, Is.EqualTo(one.QueryHash));
        Assert.That(other.QueryHash, Is.Not.EqualTo(one.QueryHash));
    }

    private ConnectorSettings Reader() => Settings.Of(
        new { host = "localhost", port = _server.Port, database = "shop", username = "reader" }, new { password = "reader password" });

    private async Task ExpectNoSleeperAsync()
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            if (await _server.AskAsync<long>("select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()") == 0)
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail("The statement still runs at the source.");
    }
}
