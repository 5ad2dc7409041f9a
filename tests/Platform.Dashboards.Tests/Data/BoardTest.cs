using System.Text.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Data;

/// <summary>A board that shows what a server on loopback answers; the server counts what it is asked.</summary>
public abstract class BoardTest : PlatformTest
{
    protected const string Dashboards = "/api/v1/dashboards";

    private protected TestUser Owner { get; private set; } = null!;

    protected SourceServer Source { get; private set; } = null!;

    protected string Path { get; private set; } = "";

    protected Guid Connector { get; private set; }

    [SetUp]
    public async Task MakeBoardAsync()
    {
        Source = await SourceServer.StartAsync();
        Owner = await SignInAsync();
        var board = await PostAsync(Owner.Client, Dashboards, new { name = "Sales" });
        Path = $"{Dashboards}/{board.GetProperty("id").GetGuid()}";
        Connector = await ConnectAsync(Owner);
    }

    [TearDown]
    public Task StopSourceAsync() => Source.DisposeAsync().AsTask();

    private protected async Task<Guid> ConnectAsync(TestUser user) =>
        (await PostAsync(user.Client, "/api/v1/connectors", new { name = "Api", type = "http", config = new { url = Source.Url } }))
        .GetProperty("id").GetGuid();

    protected async Task<Guid> AddWidgetAsync(string query = "/orders", object? parameters = null, string type = "table") =>
        (await PostAsync(
            Owner.Client, $"{Path}/widgets", new { type, connector_id = Connector, data_query = new { query, parameters } }))
        .GetProperty("id").GetGuid();

    protected static async Task<List<JsonElement>> LinesAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), body);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/x-ndjson"));
        return [.. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
