using System.Text;
using System.Text.Json;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.GraphQl;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Tests.Types;

public sealed class GraphQlConnectorTests
{
    private const string Paged =
        "query($after: String) { orders(first: 10, after: $after) { nodes { id total customer { name } } pageInfo { hasNextPage endCursor } } }";

    private readonly GraphQlConnector _connector = Create();
    private NodeServer _server = null!;

    [OneTimeSetUp]
    public async Task StartServer() => _server = await NodeServer.StartAsync("graphql.mjs");

    [OneTimeTearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Tells_whether_the_endpoint_answers()
    {
        var good = await _connector.TestAsync(Endpoint(), default);
        var wrongToken = await _connector.TestAsync(Endpoint(token: "bad"), default);
        var nobody = await _connector.TestAsync(Endpoint(url: $"http://127.0.0.1:{FreePort.Find()}/"), default);
        var noHost = await _connector.TestAsync(Endpoint(url: "http://nowhere.invalid/"), default);
        var inside = await _connector.TestAsync(Endpoint(url: "http://10.11.12.13/"), default);

        Assert.That(good.Code, Is.EqualTo("ok"), good.Detail);
        Assert.That(wrongToken.Code, Is.EqualTo("authentication_failed"), wrongToken.Detail);
        Assert.That(nobody.Code, Is.EqualTo("connection_refused"), nobody.Detail);
        Assert.That(noHost.Code, Is.EqualTo("host_not_found"), noHost.Detail);
        Assert.That(inside.Code, Is.EqualTo("address_not_allowed"), inside.Detail);
    }

    [TestCase("{ customers { id name } }", null, "text text", """[["0","ann"],["1","bob"],["2","eve"]]""")]
    [TestCase("query($id: Int!) { order(id: $id) { id total paid note tags customer { name } } }", """{"id": 2, "unused": 1}""",
        "integer integer boolean text json json", """[[2,3,false,"n",["x"],{"name":"bob"}]]""")]
    [TestCase("query One($id: Int!) { ...F } fragment F on Query { order(id: $id) { id } } # mutation { drop }", """{"id": 3}""",
        "integer", "[[3]]")]
    [TestCase("{ orders(first: 2) { edges { node { id } } } }", null, "integer", "[[1],[2]]")]
    public async Task Gives_the_list_that_a_query_asks_for(string query, string? parameters, string types, string rows)
    {
        object? given = parameters is null ? null : JsonElement.Parse(parameters);

        var result = await _connector.QueryAsync(Endpoint(), Settings.Query(query, given), default);

        Assert.That(result.Json(), Is.EqualTo(rows));
        Assert.That(result.Types(), Is.EqualTo(types));
    }

    [Test]
    public async Task Follows_the_pages_of_a_connection()
    {
        var all = await _connector.QueryAsync(Endpoint(), Settings.Query(Paged), default);
        var some = await _connector.QueryAsync(Endpoint(), Settings.Query(Paged, maxRows: 12), default);

        Assert.That((all.RowCount, all.Truncated), Is.EqualTo((25, false)));
        Assert.That((some.RowCount, some.Truncated), Is.EqualTo((12, true)));
    }

    [Test]
    public void Notices_pages_that_go_round_in_a_circle()
    {
        const string Circle = "query($after: String) { circle(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";

        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Endpoint(), Settings.Query(Circle), default));

        Assert.That(exception.Code, Is.EqualTo("data_invalid"));
    }

    [TestCase("mutation { drop }", "query_invalid")]
    [TestCase("# query\nmutation { drop }", "query_invalid")]
    [TestCase("query A { customers { id } } mutation B { drop }", "query_invalid")]
    [TestCase("fragment F on Query { customers { id } } mutation { drop }", "query_invalid")]
    [TestCase("query($a: String = \"}\") { customers { id } } mutation { drop }", "query_invalid")]
    [TestCase("query($a: String = \"\"\" \\\"\"\" } \"\"\") { customers { id } } mutation { drop }", "query_invalid")]
    [TestCase("subscription { ticks }", "query_invalid")]
    [TestCase("query A { customers { id } } query B { customers { id } }", "query_invalid")]
    [TestCase("{ customers { id }", "query_invalid")]
    [TestCase("{ customers } }", "query_invalid")]
    [TestCase("\"unclosed", "query_invalid")]
    [TestCase("", "query_invalid")]
    [TestCase("{ nothing }", "query_failed")]
    [TestCase("{ broken { id } }", "query_failed")]
    [TestCase("{ secret { id } }", "permission_denied")]
    public async Task Refuses_what_does_not_read(string query, string code)
    {
        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Endpoint(), Settings.Query(query), default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
        var dropped = await _connector.QueryAsync(Endpoint(), Settings.Query("{ dropped }"), default);
        Assert.That(dropped.Json(), Is.EqualTo("[[0]]"));
    }

    [Test]
    public async Task Finds_the_lists_of_an_endpoint()
    {
        var all = await _connector.DiscoverAsync(Endpoint(), null, default);
        var configured = await _connector.DiscoverAsync(Endpoint(query: Paged), "total", default);

        Assert.That(
            all.Select(table => $"{table.Name}: {string.Join(' ', table.Columns.Select(column => $"{column.Name} {column.Type}"))}"),
            Is.SupersetOf(["orders: id integer total double paid boolean note text tags json", "customers: id text name text"]));
        Assert.That(all.Select(table => table.Name), Does.Not.Contain("order"), "it needs an argument");
        Assert.That(configured[0].Name, Is.EqualTo("data"));
    }

    [TestCase("orders", null, """{"id":25,"total":37.5,"paid":true,"note":"n","tags":["x"]}""")]
    [TestCase("data", Paged, """{"id":25,"total":37.5,"customer":{"name":"ann"}}""")]
    public async Task Reads_a_list_as_lines(string name, string? query, string last)
    {
        var lines = new List<string>();
        await foreach (var batch in _connector.ReadAsync(Endpoint(query: query), new StreamRead(name, null, null), default))
        {
            lines.AddRange(Encoding.UTF8.GetString(batch.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        Assert.That(lines, Has.Count.EqualTo(25));
        Assert.That(lines[^1], Is.EqualTo(last));
    }

    private static GraphQlConnector Create()
    {
        var egress = SourceApi.CreateEgress();
        var authenticator = new HttpAuthenticator(new HttpTokens(egress, TimeProvider.System), new NoGrants());
        return new GraphQlConnector(new GraphQlClient(new HttpSender(egress, authenticator, TimeProvider.System)), TimeProvider.System);
    }

    private ConnectorSettings Endpoint(string? url = null, string token = "good", string? query = null) =>
        Settings.Of(new { url = url ?? $"{_server.Url}/graphql", auth = "bearer", query }, new { token });
}
