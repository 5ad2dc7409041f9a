using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>A node with four slots, of which one owner may have three: his long line leaves the fourth to others.</summary>
public sealed class FairShareTests
{
    private const int Share = 3;
    private const int InLine = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_long_line_of_one_owner_never_has_more_than_its_share_and_others_go_past_it()
    {
        var directory = Path.Combine(Path.GetTempPath(), $"platform-share-{Path.GetRandomFileName()}");
        try
        {
            await using var outside = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(400));
            using var host = await HostProcess.StartAsync(
                directory, $"http://127.0.0.1:{HostProcess.FreePort()}", new Dictionary<string, string> { ["Workflows__Concurrency"] = "4" });
            using var ada = await host.SignUpAsync(directory, "ada@example.com");
            using var ben = await host.SignUpAsync(directory, "ben@example.com");
            var slow = await PublishAsync(ada, new { key = "call", type = "http_request", with = new { url = outside.Url } });
            var quick = await PublishAsync(ben, new { key = "one", type = "transform", with = new { value = 1 } });
            for (var number = 0; number < InLine; number++)
            {
                await PostAsync(ada, $"{slow}/executions");
            }

            var most = 0;
            var past = 0;
            await PlatformTest.EventuallyAsync(
                async () =>
                {
                    var execution = await PostAsync(ben, $"{quick}/executions");
                    await PlatformTest.EventuallyAsync(async () => await StatusAsync(ben, execution) == "succeeded");
                    var statuses = await StatusesAsync(ada, slow);
                    most = Math.Max(most, statuses.Count(status => status == "running"));
                    past += statuses.Contains("queued") ? 1 : 0;
                    return statuses.Count(status => status == "succeeded") == InLine;
                },
                Patience);

            Assert.That(most, Is.EqualTo(Share));
            Assert.That(past, Is.GreaterThan(1), "Nobody went past the line.");
            await host.StopAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> PublishAsync(HttpClient client, object step)
    {
        using var created = await client.PostAsJsonAsync("/api/v1/workflows", new { name = "one step", steps = new[] { step } });
        var path = $"/api/v1/workflows/{await IdAsync(created)}";
        using var published = await client.PostAsync(new Uri($"{path}/publish", UriKind.Relative), null);
        Assert.That(published.IsSuccessStatusCode, Is.True, await published.Content.ReadAsStringAsync());
        return path;
    }

    private static async Task<Guid> PostAsync(HttpClient client, string path)
    {
        using var response = await client.PostAsJsonAsync(path, new { input = new { } });
        return await IdAsync(response);
    }

    private static async Task<Guid> IdAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid();
    }

    private static async Task<string?> StatusAsync(HttpClient client, Guid execution) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/v1/executions/{execution}")).GetProperty("status").GetString();

    private static async Task<List<string?>> StatusesAsync(HttpClient client, string workflow) =>
        [.. (await client.GetFromJsonAsync<JsonElement>($"{workflow}/executions")).GetProperty("items").EnumerateArray()
            .Select(execution => execution.GetProperty("status").GetString())];
}
