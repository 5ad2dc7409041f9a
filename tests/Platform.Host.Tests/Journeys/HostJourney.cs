using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>A journey with Hosts that are processes of their own: a data directory for each test, and the calls that they share.</summary>
public abstract class HostJourney
{
    private protected string DataDirectory { get; private set; } = "";

    private protected string Url { get; private set; } = "";

    [SetUp]
    public void ChoosePlace()
    {
        DataDirectory = Path.Combine(Path.GetTempPath(), $"platform-journey-{Path.GetRandomFileName()}");
        Url = $"http://127.0.0.1:{HostProcess.FreePort()}";
    }

    [TearDown]
    public void RemoveFiles() => Directory.Delete(DataDirectory, recursive: true);

    /// <summary>Posts JSON, expects a success, and reads its JSON.</summary>
    private protected static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private protected static async Task<Guid> CreateAsync(HttpClient client, string path, object body) =>
        (await PostAsync(client, path, body)).GetProperty("id").GetGuid();

    /// <summary>Publishes a workflow and gives its path.</summary>
    private protected static async Task<string> PublishAsync(HttpClient client, string name, params object[] steps)
    {
        var path = $"/api/v1/workflows/{await CreateAsync(client, "/api/v1/workflows", new { name, steps })}";
        await PostAsync(client, $"{path}/publish", new { });
        return path;
    }

    /// <summary>A workflow of three calls outside, one after the other, which tell the input's <c>number</c>.</summary>
    private protected static Task<string> PublishCallsAsync(HttpClient client, string outside)
    {
        return PublishAsync(client, "calls", Call("a"), Call("b", "a"), Call("c", "b"));

        object Call(string key, params string[] dependsOn) => new
        {
            key,
            type = "http_request",
            depends_on = dependsOn,
            with = new { method = "POST", url = outside, body = new { n = "{{ input.number }}" } },
        };
    }

    private protected static async Task<string?> StatusAsync(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("status").GetString();

    private protected static async Task<bool> HaveAllSucceededAsync(HttpClient client, IEnumerable<Guid> executions)
    {
        foreach (var id in executions)
        {
            if (await StatusAsync(client, $"/api/v1/executions/{id}") != "succeeded")
            {
                return false;
            }
        }

        return true;
    }
}
