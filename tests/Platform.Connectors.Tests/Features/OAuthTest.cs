using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Platform.Connectors.Tests.Sources;
using Platform.Testing;

namespace Platform.Connectors.Tests.Features;

/// <summary>A test with a provider at which people authorize connectors.</summary>
public abstract class OAuthTest : PlatformTest
{
    private protected OAuthProvider Provider { get; private set; } = null!;

    private protected TestUser Alice { get; private set; } = null!;

    [SetUp]
    public async Task StartProviderAsync()
    {
        Provider = await OAuthProvider.StartAsync();
        Alice = await SignInAsync();
    }

    [TearDown]
    public Task StopProviderAsync() => Provider.DisposeAsync().AsTask();

    private protected async Task<string> ConnectAsync(
        TestUser user, string name = "Orders", object? credentials = null, object? changes = null)
    {
        var auth = new Dictionary<string, object?>
        {
            ["type"] = "oauth2_authorization_code",
            ["authorization_url"] = $"{Provider.Url}/connect/authorize?fixed=1",
            ["token_url"] = $"{Provider.Url}/connect/token",
            ["client_id"] = OAuthProvider.ClientId,
            ["scopes"] = new[] { "orders", "offline_access" },
            ["parameters"] = new Dictionary<string, string> { ["prompt"] = "consent", ["state"] = "mine", ["ui_hint"] = "orders & more" },
        };
        foreach (var change in JsonSerializer.SerializeToElement(changes ?? new { }).EnumerateObject())
        {
            auth[change.Name] = change.Value;
        }

        var created = await PostAsync(
            user.Client, "/api/v1/connectors",
            new { name, type = "http", config = new { url = $"{Provider.Url}/orders", auth }, credentials = credentials ?? new { } });
        return $"/api/v1/connectors/{created.GetProperty("id").GetString()}";
    }

    /// <summary>Begins an authorization and lets the provider answer: where it sends the browser.</summary>
    private protected async Task<Uri> BeginAsync(TestUser user, string path, object? body = null)
    {
        var begun = await PostAsync(user.Client, $"{path}/oauth/authorize", body ?? new { }, HttpStatusCode.OK);
        return await VisitAsync(new Uri(begun.GetProperty("authorization_url").GetString()!));
    }

    private protected async Task<Uri> VisitAsync(Uri address)
    {
        using var answer = await Visitor().GetAsync(address);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Found), await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!;
    }

    private protected async Task AuthorizeAsync(TestUser user, string path)
    {
        using var page = await Visitor().GetAsync(await BeginAsync(user, path));
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK), await page.Content.ReadAsStringAsync());
    }

    private protected static string Parameter(Uri address, string name) => QueryHelpers.ParseQuery(address.Query)[name].ToString();

    private protected static Uri With(Uri address, string name, string? value)
    {
        var query = QueryHelpers.ParseQuery(address.Query).ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString());
        query[name] = value;
        return new Uri(QueryHelpers.AddQueryString(address.GetLeftPart(UriPartial.Path), query.Where(pair => pair.Value is not null)));
    }

    private protected static async Task<string> QueryAsync(TestUser user, string path)
    {
        using var response = await user.Client.PostAsJsonAsync($"{path}/query", new { query = "" });
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return response.IsSuccessStatusCode ? body.GetProperty("rows").GetRawText() : body.GetProperty("code").GetString()!;
    }

    private protected static async Task<string> StatusAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync($"{path}/oauth");
        return (await ExpectJsonAsync(response)).GetProperty("status").GetString()!;
    }

    private protected static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
