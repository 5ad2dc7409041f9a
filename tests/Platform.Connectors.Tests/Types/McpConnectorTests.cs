using System.Diagnostics;
using System.Text.Json;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Tests.Types;

[TestFixture(true)]
[TestFixture(false)]
public sealed class McpConnectorTests(bool isStateless)
{
    private readonly McpConnector _connector = Create();
    private SourceMcp _server = null!;

    [OneTimeSetUp]
    public async Task StartServer() => _server = await SourceMcp.StartAsync(isStateless);

    [OneTimeTearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Tells_failures_apart()
    {
        await using var web = await SourceApi.StartAsync();

        var good = await _connector.TestAsync(Server(), default);
        var wrongToken = await _connector.TestAsync(Server(token: "bad"), default);
        var nobody = await _connector.TestAsync(Server(url: $"http://127.0.0.1:{FreePort.Find()}/"), default);
        var noHost = await _connector.TestAsync(Server(url: "http://nowhere.invalid/"), default);
        var inside = await _connector.TestAsync(Server(url: "http://10.11.12.13/"), default);
        var other = await _connector.TestAsync(Server(url: $"{web.Url}/html"), default);

        Assert.That(good.Code, Is.EqualTo("ok"), good.Detail);
        Assert.That(wrongToken.Code, Is.EqualTo("authentication_failed"), wrongToken.Detail);
        Assert.That(nobody.Code, Is.EqualTo("connection_refused"), nobody.Detail);
        Assert.That(noHost.Code, Is.EqualTo("host_not_found"), noHost.Detail);
        Assert.That(inside.Code, Is.EqualTo("address_not_allowed"), inside.Detail);
        Assert.That(other.Code, Is.EqualTo("invalid_config"), other.Detail);
    }

    [TestCase("find_tickets {\"word\": \"{{word}}\", \"count\": \"{{count}}\"}", """{"word": "a \" b", "count": 3}""",
        """[[1,"a \" b 1",true],[2,"a \" b 2",false],[3,"a \" b 3",true]]""")]
    [TestCase("find_tickets", """{"word": "x"}""", """[[1,"x 1",true],[2,"x 2",false]]""")]
    [TestCase("say {\"text\": \"hello\"}", "{}", """[["You said hello"]]""")]
    [TestCase("notes://today", "{}", """[[9,"coffee"],[12,"lunch"]]""")]
    public async Task Makes_rows_of_what_a_tool_or_resource_gives(string query, string parameters, string rows)
    {
        var result = await _connector.QueryAsync(Server(), Settings.Query(query, JsonElement.Parse(parameters)), default);

        Assert.That(result.Json(), Is.EqualTo(rows));
    }

    [TestCase("close_all", "query_invalid")]
    [TestCase("nothing {}", "query_failed")]
    [TestCase("say {\"text\": {{missing}}}", "query_invalid")]
    [TestCase("say [1]", "query_invalid")]
    [TestCase("say {", "query_invalid")]
    [TestCase("", "query_invalid")]
    [TestCase("fails", "query_failed")]
    [TestCase("notes://nowhere", "query_failed")]
    public void Refuses_what_does_not_read(string query, string code)
    {
        var before = SourceMcp.Tools.Closed;

        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Server(), Settings.Query(query), default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
        Assert.That(SourceMcp.Tools.Closed, Is.EqualTo(before));
    }

    [Test]
    public async Task Calls_other_tools_where_the_config_allows_it()
    {
        var before = SourceMcp.Tools.Closed;

        var result = await _connector.QueryAsync(Server(allowWrites: true), Settings.Query("close_all"), default);

        Assert.That(result.Json(), Is.EqualTo("""[["closed"]]"""));
        Assert.That(SourceMcp.Tools.Closed, Is.EqualTo(before + 1));
    }

    [Test]
    public async Task Keeps_its_bounds()
    {
        var rows = await _connector.QueryAsync(
            Server(), Settings.Query("find_tickets", new { word = "x", count = 50 }, maxRows: 7), default);
        var watch = Stopwatch.StartNew();
        var slow = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Server(), Settings.Query("sleep", seconds: 1), default));
        var huge = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Server(), Settings.Query("huge"), default));

        Assert.That((rows.RowCount, rows.Truncated), Is.EqualTo((7, true)));
        Assert.That(slow.Code, Is.EqualTo("query_timeout"));
        Assert.That(huge.Code, Is.EqualTo("query_failed"), huge.Message);
        Assert.That(huge.Message, Does.Contain("longer than is allowed"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(15)));
    }

    [Test]
    public async Task Lists_tools_and_resources()
    {
        var all = await _connector.DiscoverAsync(Server(), null, default);
        var found = await _connector.DiscoverAsync(Server(), "notes", default);

        Assert.That(all.Select(table => table.Name), Is.EquivalentTo(["find_tickets", "say", "sleep", "huge", "fails", "notes://today"]));
        Assert.That(
            all.Single(table => table.Name == "find_tickets").Columns.Select(column => $"{column.Name} {column.Type}"),
            Is.EqualTo(["id integer", "title text", "open boolean"]));
        Assert.That(found.Select(table => table.Name), Is.EqualTo(["notes://today"]));
    }

    private static McpConnector Create()
    {
        var egress = SourceApi.CreateEgress();
        var authenticator = new HttpAuthenticator(new HttpTokens(egress, TimeProvider.System), new NoGrants());
        return new McpConnector(egress, authenticator, TimeProvider.System);
    }

    private ConnectorSettings Server(string? url = null, string token = "good", bool allowWrites = false) =>
        Settings.Of(new { url = url ?? _server.Url, auth = "bearer", allow_writes = allowWrites }, new { token });
}
