using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.MySql;

namespace Platform.Connectors.Tests.Types;

public sealed class MySqlConnectorTests
{
    private readonly MySqlPools _pools = new(new LoopbackEgress(), TimeProvider.System);
    private SourceMariaDb _server = null!;
    private MySqlServerConnector _connector = null!;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        _connector = new MySqlServerConnector(_pools, TimeProvider.System);
        _server = await SourceMariaDb.StartAsync();
        await _server.ExecuteAsync(
            """
            create database shop; create database archive; use shop;
            create user reader@'%' identified by 'reader password';
            create user stranger@'%' identified by 'stranger password';
            create table orders (id bigint primary key, customer varchar(50) not null, total decimal(10,2), placed_on date,
              mood enum('sad', 'happy'), placed_at timestamp(3) null, changed_at datetime(6), lasted time, weight double, share float,
              paid tinyint(1), large bigint unsigned, bits bit(8), raw varbinary(8), note json, born year);
            insert into orders select seq, concat('customer ', seq mod 10), seq * 1.25, date '2026-01-01' + interval seq day, 'happy',
              timestamp '2026-01-01 11:00:00.5', '2026-02-03 04:05:06.000007', '-25:00:01', seq / 4, 0.1, seq mod 2, 18446744073709551615,
              b'101', x'00ff', '{"n": 1}', 2026 from seq_1_to_5000;
            create table secrets (value text);
            create table `odd ``name` (`order` int, zero date);
            insert into `odd ``name` values (1, null);
            create table archive.orders (id int);
            create function archive.write_it() returns int deterministic modifies sql data begin insert into archive.orders values (1); return 1; end;
            grant select on shop.orders to reader@'%'; grant select on shop.`odd ``name` to reader@'%';
            grant select, execute on archive.* to reader@'%';
            grant insert on shop.secrets to reader@'%';
            """);
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        await _pools.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Tells_that_a_connection_works()
    {
        var result = await _connector.TestAsync(Reader(), default);

        Assert.That(result.Code, Is.EqualTo("ok"), result.Detail);
        Assert.That(result.Detail, Does.StartWith("Connected to MariaDB 1"));
    }

    [TestCase("authentication_failed", "reader", "wrong", "shop", "localhost", "prefer")]
    [TestCase("authentication_failed", "nobody", "x", "shop", "localhost", "disable")]
    [TestCase("permission_denied", "stranger", "stranger password", "shop", "localhost", "prefer")]
    [TestCase("database_not_found", "owner", "owner password", "nowhere", "localhost", "prefer")]
    [TestCase("host_not_found", "reader", "reader password", "shop", "nowhere.invalid", "prefer")]
    [TestCase("address_not_allowed", "reader", "reader password", "shop", "10.11.12.13", "prefer")]
    [TestCase("tls_failed", "reader", "reader password", "shop", "localhost", "verify-full")]
    [TestCase("tls_failed", "reader", "reader password", "shop", "localhost", "verify-ca")]
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
        var result = await _connector.TestAsync(Reader(port: FreePort.Find()), default);

        Assert.That(result.Code, Is.EqualTo("connection_refused"), result.Detail);
    }

    [Test]
    public async Task Tells_that_a_server_stays_silent()
    {
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var result = await _connector.TestAsync(Reader(host: "127.0.0.1", port: ((IPEndPoint)silent.LocalEndpoint).Port), default);

        silent.Stop();
        Assert.That(result.Code, Is.EqualTo("timeout"), result.Detail);
        Assert.That(result.LatencyMs, Is.LessThan(15_000));
    }

    [Test]
    public async Task Tells_that_a_server_speaks_no_tls()
    {
        await using var plain = await SourceMariaDb.StartAsync(withTls: false);

        var result = await _connector.TestAsync(Reader(port: plain.Port, sslMode: "require"), default);

        Assert.That(result.Code, Is.EqualTo("tls_failed"), result.Detail);
    }

    [TestCase("localhost", "verify-full", "ok")]
    [TestCase("127.0.0.1", "verify-ca", "ok")]
    [TestCase("127.0.0.1", "verify-full", "tls_failed")]
    public async Task Trusts_the_root_certificate_of_the_config(string host, string sslMode, string code)
    {
        var settings = Settings.Of(
            new
            {
                host,
                port = _server.Port,
                database = "shop",
                username = "reader",
                ssl_mode = sslMode,
                root_certificate = _server.Certificate,
            },
            new { password = "reader password" });

        var result = await _connector.TestAsync(settings, default);

        Assert.That(result.Code, Is.EqualTo(code), result.Detail);
    }

    [Test]
    public async Task Gives_values_as_json_of_their_type()
    {
        var result = await _connector.QueryAsync(Reader(), Settings.Query("select * from orders order by id limit 1"), default);

        Assert.That(
            result.Types(),
            Is.EqualTo("integer text decimal date text timestamptz timestamp time double double integer integer integer text text integer"));
        Assert.That(result.Json(), Is.EqualTo(
            """[[1,"customer 1",1.25,"2026-01-02","happy","2026-01-01T11:00:00.5Z","2026-02-03T04:05:06.000007","-25:00:01",0.25,0.1,1,18446744073709551615,5,"0x00ff","{\"n\": 1}",2026]]"""));
    }

    [Test]
    public async Task Gives_values_that_no_client_type_holds()
    {
        var result = await _connector.QueryAsync(
            Reader(),
            Settings.Query("select cast(repeat('9', 65) as decimal(65)), cast('0000-00-00' as date), '' as empty, null, time '838:59:59'"),
            default);

        Assert.That(result.Json(), Is.EqualTo($$"""[[{{new string('9', 65)}},null,"",null,"838:59:59"]]"""));
    }

    [TestCase("select count(*) from orders where customer = :name", """{"name": "customer 3"}""", "[[500]]")]
    [TestCase("select count(*) from orders where customer = @name", """{"name": "x' or 1=1 -- "}""", "[[0]]")]
    [TestCase("select count(*) from orders where customer = :name", """{"name": "\\' or 1=1 # "}""", "[[0]]")]
    [TestCase("select {{a}}, {{ b }} + 1, concat(:a, '!')", """{"a": "; drop table orders", "b": 41}""", "[[\"; drop table orders\",42,\"; drop table orders!\"]]")]
    [TestCase("select count(*) from orders where id < $2 and total > $1", "[2.4, 4]", "[[2]]")]
    [TestCase("select count(*) from orders where placed_on between :from and :to", """{"from": "2026-01-02", "to": "2026-01-11"}""", "[[10]]")]
    [TestCase("select count(*) from orders where mood = :mood and paid = :paid", """{"mood": "happy", "paid": true}""", "[[2500]]")]
    [TestCase("select ':name', `c`, '\\':name' from (select 1 as `c`) as x # :name\n where :name is null /* {{name}} */ -- :name", """{"name": null}""", "[[\":name\",1,\"':name\"]]")]
    [TestCase("select id from orders order by id limit :n offset :n", """{"n": 2, "unused": "x"}""", "[[3],[4]]")]
    [TestCase("select json_contains(note, :document) from orders limit 1", """{"document": {"n": 1}}""", "[[1]]")]
    public async Task Binds_parameters(string sql, string parameters, string expected)
    {
        var result = await _connector.QueryAsync(Reader(), Settings.Query(sql, JsonElement.Parse(parameters)), default);

        Assert.That(result.Json(), Is.EqualTo(expected));
    }

    [TestCase("select 1; drop table orders", "query_invalid")]
    [TestCase("delete from orders", "query_invalid")]
    [TestCase("load data infile '/etc/passwd' into table orders", "query_invalid")]
    [TestCase("load data local infile '/etc/passwd' into table orders", "query_invalid")]
    [TestCase("select * from orders into outfile '{folder}/stolen'", "query_invalid")]
    [TestCase("select 1 /*! into outfile '{folder}/stolen' */", "query_invalid")]
    [TestCase("select 1 /*M!100100 into outfile '{folder}/stolen' */", "query_invalid")]
    [TestCase("select 1 /* /* */ into outfile '{folder}/stolen' -- */", "query_invalid")]
    [TestCase("select 1 --x\n into outfile '{folder}/stolen'", "query_invalid")]
    [TestCase("select archive.write_it()", "query_invalid")]
    [TestCase("set global max_connections = 1", "query_invalid")]
    [TestCase("call archive.write_it()", "query_invalid")]
    [TestCase("explain delete from orders", "query_invalid")]
    [TestCase("select nope from orders", "query_failed")]
    [TestCase("select {{name}}", "query_invalid")]
    [TestCase("", "query_invalid")]
    [TestCase("select 'unclosed", "query_invalid")]
    public async Task Refuses_what_does_not_read(string sql, string code)
    {
        // Only the owner could write at all.
        var query = Settings.Query(sql.Replace("{folder}", _server.PathOf(""), StringComparison.Ordinal));

        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Reader("owner"), query, default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
        Assert.That(await _server.AskAsync<long>("select (select count(*) from shop.orders) + (select count(*) from archive.orders)"), Is.EqualTo(5000));
        Assert.That(File.Exists(_server.PathOf("stolen")), Is.False);
    }

    [Test]
    public void Tells_what_the_user_may_not_read()
    {
        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Reader(), Settings.Query("select * from secrets"), default));

        Assert.That(exception.Code, Is.EqualTo("permission_denied"));
    }

    [Test]
    public async Task Cuts_rows_and_bytes_and_says_so()
    {
        var some = await _connector.QueryAsync(Reader(), Settings.Query("select id from orders order by id", maxRows: 3), default);
        var all = await _connector.QueryAsync(Reader(), Settings.Query("select id from orders order by id", maxRows: 5000), default);
        var narrow = await _connector.QueryAsync(
            Reader(), Settings.Query("select repeat('x', 900) from orders", maxRows: 5000, maxBytes: 10_000), default);

        Assert.That(some.Json(), Is.EqualTo("[[1],[2],[3]]"));
        Assert.That(some.Truncated);
        Assert.That(all.RowCount, Is.EqualTo(5000));
        Assert.That(all.Truncated, Is.False);
        Assert.That(narrow.RowCount, Is.EqualTo(11));
        Assert.That(narrow.Truncated);
    }

    [Test]
    public async Task Stops_at_the_source_when_the_time_is_over()
    {
        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Reader(), Settings.Query("select sleep(60)", seconds: 0.5), default));

        Assert.That(exception.Code, Is.EqualTo("query_timeout"));
        await ExpectNoSleeperAsync();
    }

    [TestCase("disable")]
    [TestCase("require")]
    public async Task Stops_at_the_source_when_nobody_waits(string sslMode)
    {
        using var cancellation = new CancellationTokenSource(500);
        var watch = Stopwatch.StartNew();

        Assert.CatchAsync<OperationCanceledException>(
            () => _connector.QueryAsync(Reader(sslMode: sslMode), Settings.Query("select sleep(60)"), cancellation.Token));

        await ExpectNoSleeperAsync();
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2.5)), "half a second of waiting, and two to end it");
    }

    [Test]
    public async Task Lists_the_tables_that_the_user_may_read()
    {
        var all = await _connector.DiscoverAsync(Reader(), null, default);
        var found = await _connector.DiscoverAsync(Reader(), "archive", default);
        var odd = await _connector.QueryAsync(Reader(), Settings.Query($"select `order` from {all[0].Name}"), default);

        Assert.That(all.Select(table => table.Name), Is.EqualTo(["`odd ``name`", "orders", "archive.orders"]));
        Assert.That(all[1].Columns[0], Is.EqualTo(new SourceColumn("id", "integer", false)));
        Assert.That(all[1].Columns[2], Is.EqualTo(new SourceColumn("total", "decimal", true)));
        Assert.That(found.Select(table => table.Name), Is.EqualTo(["archive.orders"]));
        Assert.That(odd.Json(), Is.EqualTo("[[1]]"));
    }

    [Test]
    public async Task Reads_a_table_as_lines_from_the_cursor_on()
    {
        var lines = new List<string>();
        RowBatch? last = null;
        await foreach (var batch in _connector.ReadAsync(Reader(), new StreamRead("orders", "id", "4990"), default))
        {
            lines.AddRange(Encoding.UTF8.GetString(batch.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            last = batch;
        }

        Assert.That(lines, Has.Count.EqualTo(10));
        Assert.That(lines[0], Does.StartWith("""{"c0":4991,"c1":"customer 1","c2":6238.75,"c3":"2039-"""));
        Assert.That(last!.CursorValue, Is.EqualTo("5000"));
        Assert.That(
            last.Columns!.Select(column => $"{column.Name} {column.StorageType}").Take(6),
            Is.EqualTo(["id BIGINT", "customer VARCHAR", "total DECIMAL(10,2)", "placed_on DATE", "mood VARCHAR", "placed_at TIMESTAMPTZ"]));
    }

    [Test]
    public async Task Keeps_few_connections_and_leaves_no_state_in_them()
    {
        var reader = Reader(connector: Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        var before = await CountConnectionsAsync();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _connector.QueryAsync(
            reader, Settings.Query("select @left := coalesce(@left, 0) + 1, sleep(0.02)"), default)));
        var state = await _connector.QueryAsync(reader, Settings.Query("select @left, @@sql_select_limit > 1"), default);

        var opened = await CountConnectionsAsync() - before;
        Assert.That(opened, Is.LessThanOrEqualTo(MySqlPools.MaxConnections + 1));
        Assert.That(state.Json(), Is.EqualTo("[[null,1]]"));
    }

    private ConnectorSettings Reader(
        string username = "reader", string host = "localhost", int? port = null, string sslMode = "prefer", Guid? connector = null)
    {
        var settings = Settings.Of(
            new { host, port = port ?? _server.Port, database = "shop", username, ssl_mode = sslMode },
            new { password = $"{username} password" });
        return connector is null ? settings : settings with { ConnectorId = connector };
    }

    private Task<long> CountConnectionsAsync() => _server.AskAsync<long>(
        "select variable_value from information_schema.global_status where variable_name = 'CONNECTIONS'");

    private async Task ExpectNoSleeperAsync()
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            if (await _server.AskAsync<long>("select count(*) from information_schema.processlist where info like '%sleep(60)%' and id <> connection_id()") == 0)
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail("The statement still runs at the source.");
    }
}
