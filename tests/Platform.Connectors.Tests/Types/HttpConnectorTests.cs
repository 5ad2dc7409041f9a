using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Platform.Connectors.Schemas;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Http;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Connectors.Tests.Types;

public sealed class HttpConnectorTests
{
    private Workers _workers = null!;
    private SourceApi _api = null!;
    private HttpConnector _connector = null!;

    [OneTimeSetUp]
    public async Task StartApi()
    {
        _workers = new Workers();
        _api = await SourceApi.StartAsync();
        _connector = Create(SourceApi.CreateEgress());
    }

    [OneTimeTearDown]
    public async Task StopApi()
    {
        _workers.Dispose();
        await _api.DisposeAsync();
    }

    [Test]
    public async Task Gives_the_rows_of_an_answer()
    {
        var result = await _connector.QueryAsync(Of("/all", new { rows_path = "$.data.items" }), Settings.Query("", maxRows: 2), default);

        Assert.That(result.Json(), Is.EqualTo("""[[1,1.5,"c1",["x"],null],[2,3,"c2",["x"],"n"]]"""));
        Assert.That(result.Types(), Is.EqualTo("integer double text json text"));
        Assert.That(result.Truncated);
    }

    [TestCase("/page", """{"paging": {"type": "page", "page_size": 10}}""")]
    [TestCase("/page", """{"paging": "page"}""")]
    [TestCase("/offset", """{"paging": {"type": "offset", "offset_parameter": "start", "size_parameter": "count", "page_size": 7}}""")]
    [TestCase("/cursor", """{"rows_path": "rows", "paging": {"type": "cursor", "cursor_parameter": "after", "cursor_path": "meta.next"}}""")]
    [TestCase("/link", """{"paging": "link"}""")]
    public async Task Follows_pages(string path, string config)
    {
        var result = await _connector.QueryAsync(Of(path, JsonElement.Parse(config)), Settings.Query(""), default);

        Assert.That(result.RowCount, Is.EqualTo(25));
        Assert.That(result.Truncated, Is.False);
        Assert.That(result.Rows.EnumerateArray().Select(row => row[0].GetInt32()), Is.EqualTo(Enumerable.Range(1, 25)));
    }

    [Test]
    public async Task Asks_for_no_page_beyond_the_limit()
    {
        _api.Requests.Clear();

        await _connector.QueryAsync(Of("/page", new { paging = "page" }), Settings.Query("", maxRows: 5), default);

        Assert.That(_api.Requests, Is.EqualTo(["/page?page=1"]));
    }

    [Test]
    public async Task Answers_sql_over_the_rows()
    {
        var result = await _connector.QueryAsync(
            Of("/page", new { paging = "page" }),
            Settings.Query("select customer, sum(total) as total from data where id > :least group by 1 order by 1", new { least = 1 }),
            default);

        Assert.That(result.Json(), Is.EqualTo("""[["c0",162],["c1",174],["c2",150]]"""));
    }

    [Test]
    public async Task Puts_parameters_into_addresses_and_bodies_escaped()
    {
        _api.Requests.Clear();

        var list = await _connector.QueryAsync(
            Of("/"), Settings.Query("/list?skip={{from}}&take=1&x={{odd}}", new { from = 3, odd = "a&b=/ü" }), default);
        var search = await _connector.QueryAsync(
            Of("/search", new { method = "POST", body = new { n = "{{n}}", text = "is {{t}}!" } }), Settings.Query(
                "", new { n = 5, t = "a\"b" }), default);

        Assert.That(list.Rows[0][0].GetInt32(), Is.EqualTo(4));
        Assert.That(_api.Requests[0], Is.EqualTo("/list?skip=3&take=1&x=a%26b%3D%2F%C3%BC"));
        Assert.That(search.Json(), Is.EqualTo("""[[5,"is a\"b!"]]"""));
    }

    [TestCase("/bearer", "bearer", """{"token": "good"}""", "ok")]
    [TestCase("/bearer", "bearer", """{"token": "bad"}""", "authentication_failed")]
    [TestCase("/basic", "basic", """{"username": "me", "password": "pä"}""", "ok")]
    [TestCase("/key", """{"type": "header", "header": "X-Key"}""", """{"token": "good"}""", "ok")]
    [TestCase("/oauth", """{"type": "oauth2_client_credentials", "token_url": "URL/token", "client_id": "id"}""", """{"client_secret": "s"}""", "ok")]
    [TestCase("/oauth", """{"type": "oauth2_client_credentials", "token_url": "URL/token", "client_id": "id"}""", """{"client_secret": "x"}""", "authentication_failed")]
    [TestCase("/forbidden", "none", "{}", "permission_denied")]
    [TestCase("/html", "none", "{}", "invalid_config")]
    [TestCase("/broken", "none", "{}", "connection_refused")]
    [TestCase("/nowhere", "none", "{}", "invalid_config")]
    public async Task Tells_failures_apart(string path, string auth, string credentials, string code)
    {
        var kind = JsonElement.Parse(auth[0] == '{' ? auth.Replace("URL", _api.Url, StringComparison.Ordinal) : $"\"{auth}\"");
        var settings = Of(
            path, new { auth = kind, headers = new Dictionary<string, string> { ["X-More"] = "1" } }, JsonElement.Parse(credentials));

        var result = await _connector.TestAsync(settings, default);

        Assert.That(result.Code, Is.EqualTo(code), result.Detail);
        Assert.That(result.Detail, Does.Not.Contain("127.0.0.1"));
    }

    [TestCase("http://127.0.0.1:1/", "connection_refused")]
    [TestCase("https://127.0.0.1:PORT/", "tls_failed")]
    [TestCase("http://nowhere.invalid/", "host_not_found")]
    [TestCase("http://169.254.169.254/latest", "address_not_allowed")]
    [TestCase("http://10.0.0.1/", "address_not_allowed")]
    public async Task Tells_connections_apart(string url, string code)
    {
        var port = new Uri(_api.Url).Port.ToString(CultureInfo.InvariantCulture);

        var result = await _connector.TestAsync(Settings.Of(new { url = url.Replace("PORT", port, StringComparison.Ordinal) }), default);

        Assert.That(result.Code, Is.EqualTo(code), result.Detail);
    }

    [Test]
    public async Task Reaches_loopback_only_where_it_is_allowed()
    {
        var result = await Create(SourceApi.CreateEgress("none")).TestAsync(Of("/list"), default);

        Assert.That(result.Code, Is.EqualTo("address_not_allowed"));
    }

    [TestCase("/elsewhere", "data_invalid")]
    [TestCase("/circle", "data_invalid")]
    [TestCase("/huge", "query_too_large")]
    public void Refuses_answers_that_harm(string path, string code)
    {
        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Of(path, new { paging = "link" }), Settings.Query(""), default));

        Assert.That(exception.Code, Is.EqualTo(code), exception.Message);
    }

    [Test]
    public async Task Waits_when_the_source_asks_to_slow_down()
    {
        _api.Refusals = 2;
        var patient = await _connector.QueryAsync(Of("/busy"), Settings.Query(""), default);
        _api.Refusals = 100;
        var exception = Assert.ThrowsAsync<SourceException>(() => _connector.QueryAsync(Of("/busy"), Settings.Query(""), default));

        Assert.That(patient.RowCount, Is.EqualTo(2));
        Assert.That(exception.Code, Is.EqualTo("source_rate_limited"));
    }

    [Test]
    public void Stops_when_the_time_is_over()
    {
        var watch = Stopwatch.StartNew();

        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(Of("/slow"), Settings.Query("", seconds: 0.5), default));

        Assert.That(exception.Code, Is.EqualTo("query_timeout"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task Finds_columns_in_ragged_rows()
    {
        var mixed = await _connector.QueryAsync(Of("/mixed"), Settings.Query(""), default);
        var values = await _connector.QueryAsync(Of("/values"), Settings.Query(""), default);
        var tables = await _connector.DiscoverAsync(Of("/mixed"), null, default);

        Assert.That(mixed.Json(), Is.EqualTo("""[[1,null,null],["x",true,null],[null,null,{"d": 1}]]""").Or.EqualTo(
            """[[1,null,null],["x",true,null],[null,null,{"d":1}]]"""));
        Assert.That(mixed.Types(), Is.EqualTo("json boolean json"));
        Assert.That(values.Json(), Is.EqualTo("[[1],[2.5],[null]]"));
        Assert.That(tables.Single().Columns.Select(column => column.Name), Is.EqualTo(["a", "b", "c"]));
    }

    [Test]
    public async Task Reads_all_pages_as_lines()
    {
        var lines = new StringBuilder();
        await foreach (var batch in _connector.ReadAsync(Of("/link", new { paging = "link" }), new StreamRead("data", null, null), default))
        {
            lines.Append(Encoding.UTF8.GetString(batch.Lines.Span));
        }

        var all = lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(all, Has.Length.EqualTo(25));
        Assert.That(all[0], Is.EqualTo("""{"id":1,"total":1.5,"customer":"c1","tags":["x"],"note":null}"""));
    }

    [TestCase("""{"url": "https://api.example.com/v1?x=1", "paging": "link", "auth": {"type": "bearer"}}""", "")]
    [TestCase("""{"url": "https://{{host}}/v1"}""", "$.url")]
    [TestCase("""{"url": "https://user:secret@example.com/"}""", "$.url")]
    [TestCase("""{"url": "file:///etc/passwd"}""", "$.url")]
    [TestCase("""{"url": "https://example.com", "paging": {"type": "page", "page_size": 0}}""", "$.paging.page_size")]
    [TestCase("""{"url": "https://example.com", "paging": "sideways"}""", "$.paging")]
    [TestCase("""{"url": "https://example.com", "headers": {"X": "a\r\nb"}}""", "$.headers.X")]
    public void Describes_its_config(string config, string paths)
    {
        var errors = JsonSchemaCheck.Check(_connector.ConfigSchema, JsonElement.Parse(config), "$");

        Assert.That(string.Join(' ', errors.Keys), Is.EqualTo(paths));
    }

    private ConnectorSettings Of(string path, object? config = null, object? credentials = null)
    {
        var members = JsonSerializer.SerializeToNode(config ?? new { })!.AsObject();
        members["url"] = _api.Url + path;
        return Settings.Of(members, credentials);
    }

    private HttpConnector Create(EgressClient egress) =>
        new(
            new HttpPages(new HttpSender(
                egress, new HttpAuthenticator(new HttpTokens(egress, TimeProvider.System), new NoGrants()), TimeProvider.System)),
            _workers.Engine, _workers.Folders, TimeProvider.System);
}
