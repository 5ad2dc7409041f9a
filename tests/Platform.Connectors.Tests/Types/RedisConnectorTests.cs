using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Redis;

namespace Platform.Connectors.Tests.Types;

public sealed class RedisConnectorTests
{
    private readonly RedisConnector _connector = new(new LoopbackEgress(), TimeProvider.System);
    private SourceRedis _server = null!;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        _server = await SourceRedis.StartAsync();
        for (var id = 1; id <= 30; id++)
        {
            var number = id.ToString(CultureInfo.InvariantCulture);
            await _server.ExecuteAsync("HSET", $"user:{number}", "name", $"name {number}", "age", number);
            await _server.ExecuteAsync("SET", $"user:{number}:visits", number);
        }

        await _server.ExecuteAsync("SADD", "tags:all", "a", "b");
        await _server.ExecuteAsync("RPUSH", "queue", "first", "second", "third");
        await _server.ExecuteAsync("ZADD", "x:scores", "1.5", "ann", "inf", "bob");
        await _server.ExecuteAsync("XADD", "x:log", "1-1", "kind", "start", "by", "ann");
        await _server.ExecuteAsync("SET", "x:words", "hello \"world\"");
        await _server.ExecuteAsync("SET", "secret:1", "s");
    }

    [OneTimeTearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Tells_that_a_connection_works()
    {
        var plain = await _connector.TestAsync(Reader(), default);
        var encrypted = await _connector.TestAsync(Encrypted("localhost", "verify-full"), default);

        Assert.That(plain.Code, Is.EqualTo("ok"), plain.Detail);
        Assert.That(encrypted.Code, Is.EqualTo("ok"), encrypted.Detail);
    }

    [TestCase("authentication_failed", "reader", "wrong", 0, "localhost")]
    [TestCase("authentication_failed", null, null, 0, "localhost")]
    [TestCase("database_not_found", "owner", "ownerpass", 99, "localhost")]
    [TestCase("permission_denied", "stranger", "strangerpass", 0, "localhost")]
    [TestCase("host_not_found", "reader", "readerpass", 0, "nowhere.invalid")]
    [TestCase("address_not_allowed", "reader", "readerpass", 0, "10.11.12.13")]
    public async Task Tells_failures_apart(string code, string? username, string? password, int database, string host)
    {
        await _server.ExecuteAsync("ACL", "SETUSER", "stranger", "on", ">strangerpass", "-@all", "+auth", "+select");
        var settings = Settings.Of(
            new { host, port = _server.Port, database, username }, password is null ? new { } : new { password });

        var result = await _connector.TestAsync(settings, default);

        Assert.That(result.Code, Is.EqualTo(code), result.Detail);
        Assert.That(result.Detail, Does.Not.Contain(host).And.Not.Contain(username ?? "?").And.Not.Contain(password ?? "?"));
    }

    [TestCase("127.0.0.1", "verify-full", "tls_failed")]
    [TestCase("127.0.0.1", "verify-ca", "ok")]
    [TestCase("localhost", "require", "ok")]
    public async Task Checks_certificates(string host, string sslMode, string code) =>
        Assert.That((await _connector.TestAsync(Encrypted(host, sslMode), default)).Code, Is.EqualTo(code));

    [Test]
    public async Task Tells_silence_refusal_and_another_protocol_apart()
    {
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var web = await SourceApi.StartAsync();

        var silence = await _connector.TestAsync(Reader(((IPEndPoint)silent.LocalEndpoint).Port), default);
        var refusal = await _connector.TestAsync(Reader(FreePort.Find()), default);
        var other = await _connector.TestAsync(Reader(new Uri(web.Url).Port), default);

        silent.Stop();
        Assert.That(silence.Code, Is.EqualTo("timeout"), silence.Detail);
        Assert.That(refusal.Code, Is.EqualTo("connection_refused"), refusal.Detail);
        Assert.That(other.Code, Is.EqualTo("invalid_config").Or.EqualTo("connection_refused"), other.Detail);
    }

    [TestCase("HGETALL :key", """{"key": "user:1"}""", "text text", """[["name","name 1"],["age","1"]]""")]
    [TestCase("hgetall user:{{id}}", """{"id": 2}""", "text text", """[["name","name 2"],["age","2"]]""")]
    [TestCase("HGETALL :key", """{"key": "user:1\r\nDEL user:1"}""", "text text", "[]")]
    [TestCase("HMGET user:1 name nothing", "{}", "text text", """[["name","name 1"],["nothing",null]]""")]
    [TestCase("MGET user:1:visits $1", """["user:2:visits"]""", "text text", """[["user:1:visits","1"],["user:2:visits","2"]]""")]
    [TestCase("GET \"x:words\"", "{}", "text", """[["hello \"world\""]]""")]
    [TestCase("GET x:nothing", "{}", "text", "[[null]]")]
    [TestCase("HLEN user:1", "{}", "integer", "[[2]]")]
    [TestCase("LRANGE queue 0 :last", """{"last": 1}""", "text", """[["first"],["second"]]""")]
    [TestCase("SMEMBERS tags:all", "{}", "text", """[["a"],["b"]]""")]
    [TestCase("ZRANGE x:scores 0 -1 WITHSCORES", "{}", "text double", """[["ann",1.5],["bob",null]]""")]
    [TestCase("ZRANGE x:scores 0 -1", "{}", "text", """[["ann"],["bob"]]""")]
    [TestCase("XRANGE x:log - +", "{}", "text json", """[["1-1",{"kind":"start","by":"ann"}]]""")]
    [TestCase("SCAN MATCH user:1:*", "{}", "text", """[["user:1:visits"]]""")]
    [TestCase("HSCAN user:3 MATCH a*", "{}", "text text", """[["age","3"]]""")]
    [TestCase("ZSCAN x:scores", "{}", "text double", """[["ann",1.5],["bob",null]]""")]
    public async Task Makes_rows_of_replies(string query, string parameters, string types, string rows)
    {
        var result = await _connector.QueryAsync(Reader(), Settings.Query(query, JsonElement.Parse(parameters)), default);

        // A set has no order.
        var given = result.Rows.EnumerateArray().Select(row => row.GetRawText());
        var shown = query.StartsWith("SMEMBERS", StringComparison.Ordinal) ? given.Order(StringComparer.Ordinal) : given;
        Assert.That(result.Types(), Is.EqualTo(types));
        Assert.That($"[{string.Join(',', shown)}]", Is.EqualTo(rows));
    }

    [TestCase("SET user:1 x", "query_invalid")]
    [TestCase("DEL user:1", "query_invalid")]
    [TestCase("EVAL \"return 1\" 0", "query_invalid")]
    [TestCase("KEYS *", "query_invalid")]
    [TestCase("CONFIG GET *", "query_invalid")]
    [TestCase("SORT queue ALPHA STORE x:sorted", "query_invalid")]
    [TestCase("SCAN 0", "query_invalid")]
    [TestCase("HSCAN", "query_invalid")]
    [TestCase("GET {{nothing}}", "query_invalid")]
    [TestCase("GET \"unclosed", "query_invalid")]
    [TestCase("", "query_invalid")]
    [TestCase("GET secret:1", "permission_denied")]
    [TestCase("GET user:1", "query_failed")]
    [TestCase("GET", "query_failed")]
    public async Task Refuses_what_does_not_read(string query, string code)
    {
        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Reader(), Settings.Query(query), default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
        Assert.That((await _server.ExecuteAsync("TYPE", "user:1")).Text, Is.EqualTo("hash"));
    }

    [Test]
    public async Task Cuts_rows_and_bytes_without_loading_them()
    {
        await _server.ExecuteAsync("SETRANGE", "x:huge", "100000000", "x");
        var before = GC.GetTotalAllocatedBytes();

        var rows = await _connector.QueryAsync(Reader(), Settings.Query("SCAN MATCH user:*", maxRows: 7), default);
        var list = await _connector.QueryAsync(Reader(), Settings.Query("LRANGE queue 0 -1", maxRows: 2), default);
        var bytes = await _connector.QueryAsync(Reader(), Settings.Query("GET x:huge", maxBytes: 10_000), default);

        Assert.That((rows.RowCount, rows.Truncated), Is.EqualTo((7, true)));
        Assert.That((list.RowCount, list.Truncated), Is.EqualTo((2, true)));
        Assert.That(bytes.Truncated);
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(20_000_000));
        await _server.ExecuteAsync("DEL", "x:huge");
    }

    [Test]
    public async Task Stops_waiting_with_its_caller()
    {
        using var cancellation = new CancellationTokenSource(300);
        await _server.ExecuteAsync("CLIENT", "PAUSE", "3000", "ALL");
        var watch = Stopwatch.StartNew();

        Assert.CatchAsync<OperationCanceledException>(
            () => _connector.QueryAsync(Reader(), Settings.Query("GET x:words"), cancellation.Token));
        var timeout = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Reader(), Settings.Query("GET x:words", seconds: 0.3), default));

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2)));
        Assert.That(timeout.Code, Is.EqualTo("query_timeout"));
    }

    [Test]
    public async Task Finds_the_shapes_of_keys()
    {
        var all = await _connector.DiscoverAsync(Owner(), null, default);
        var found = await _connector.DiscoverAsync(Owner(), "age", default);

        Assert.That(
            all.Select(table => $"{table.Name}: {string.Join(' ', table.Columns.Select(column => column.Name))}"),
            Is.SupersetOf([
                "queue: key position value", "tags:all: key member", "user:*: key age name", "user:*:visits: key value",
                "x:log: key id fields", "x:scores: key member score", "secret:*: key value"]));
        Assert.That(found.Select(table => table.Name), Is.EqualTo(["user:*"]));
    }

    [TestCase("user:*", 30, """{"key":"user:7","name":"name 7","age":"7"}""")]
    [TestCase("user:*:visits", 30, """{"key":"user:7:visits","value":"7"}""")]
    [TestCase("queue", 3, """{"key":"queue","position":1,"value":"second"}""")]
    [TestCase("x:scores", 2, """{"key":"x:scores","member":"ann","score":1.5}""")]
    [TestCase("x:log", 1, """{"key":"x:log","id":"1-1","fields":{"kind":"start","by":"ann"}}""")]
    public async Task Reads_keys_of_a_shape_as_lines(string name, int count, string line)
    {
        var lines = new List<string>();
        await foreach (var batch in _connector.ReadAsync(Owner(), new StreamRead(name, null, null), default))
        {
            lines.AddRange(Encoding.UTF8.GetString(batch.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        Assert.That(lines, Has.Count.EqualTo(count));
        Assert.That(lines, Does.Contain(line));
    }

    [TestCase("user:17:cart", "user:*:cart")]
    [TestCase("session:0190a1b2-0000-7000-8000-000000000000", "session:*")]
    [TestCase("odd[1]*", "odd\\[1\\]\\*")]
    [TestCase("a::1", "a::*")]
    public void Sees_ids_in_keys(string key, string pattern) => Assert.That(RedisKeys.PatternOf(key), Is.EqualTo(pattern));

    [Test]
    public async Task Follows_a_cluster_to_the_server_that_has_the_key()
    {
        await using var one = await SourceRedis.StartAsync(inCluster: true);
        await using var two = await SourceRedis.StartAsync(inCluster: true);
        await one.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
        await two.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
        var bus = (await two.ExecuteAsync("CONFIG", "GET", "cluster-port")).Items![1].Text;
        await one.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", two.Port.ToString(CultureInfo.InvariantCulture), bus);
        for (var attempt = 0; attempt < 100 && !await IsReadyAsync(one, two); attempt++)
        {
            await Task.Delay(100);
        }

        var key = "x:0";
        for (var number = 1; (await one.ExecuteAsync("CLUSTER", "KEYSLOT", key)).Number < 8192; number++)
        {
            key = string.Create(CultureInfo.InvariantCulture, $"x:{number}");
        }

        await two.ExecuteAsync("SET", key, "there");
        var settings = Settings.Of(new { host = "127.0.0.1", port = one.Port, username = "owner" }, new { password = "ownerpass" });

        var result = await _connector.QueryAsync(settings, Settings.Query("GET :key", new { key }), default);

        Assert.That(result.Json(), Is.EqualTo("""[["there"]]"""));
    }

    private static async Task<bool> IsReadyAsync(params SourceRedis[] servers)
    {
        foreach (var server in servers)
        {
            if (!(await server.ExecuteAsync("CLUSTER", "INFO")).Text.Contains("cluster_state:ok", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private ConnectorSettings Reader(int? port = null) => Settings.Of(
        new { host = "127.0.0.1", port = port ?? _server.Port, username = "reader" }, new { password = "readerpass" });

    private ConnectorSettings Owner() => Settings.Of(
        new { host = "127.0.0.1", port = _server.Port, username = "owner" }, new { password = "ownerpass" });

    private ConnectorSettings Encrypted(string host, string sslMode) => Settings.Of(
        new { host, port = _server.TlsPort, username = "reader", ssl_mode = sslMode, root_certificate = _server.Certificate },
        new { password = "readerpass" });
}
