using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>A node with four slots, of which one owner may have three: his long line leaves the fourth to others.</summary>
public sealed class FairShareTests : HostJourney
{
    private const int Share = 3;
    private const int InLine = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_long_line_of_one_owner_never_has_more_than_its_share_and_others_go_past_it()
    {
        var fourSlots = new Dictionary<string, string> { ["Workflows__Concurrency"] = "4" };
        await using var outside = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(400));
        using var host = await HostProcess.StartAsync(DataDirectory, Url, fourSlots);
        using var ada = await host.SignUpAsync(DataDirectory, "ada@example.com");
        using var ben = await host.SignUpAsync(DataDirectory, "ben@example.com");
        var slow = await PublishAsync(ada, "slow", new { key = "call", type = "http_request", with = new { url = outside.Url } });
        var quick = await PublishAsync(ben, "quick", new { key = "one", type = "transform", with = new { value = 1 } });
        for (var number = 0; number < InLine; number++)
        {
            await CreateAsync(ada, $"{slow}/executions", new { });
        }

        var (most, past) = (0, 0);
        await PlatformTest.EventuallyAsync(
            async () =>
            {
                var execution = await CreateAsync(ben, $"{quick}/executions", new { });
                await PlatformTest.EventuallyAsync(async () => await HaveAllSucceededAsync(ben, [execution]));
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

    private static async Task<List<string?>> StatusesAsync(HttpClient client, string workflow) =>
        [.. (await client.GetFromJsonAsync<JsonElement>($"{workflow}/executions")).GetProperty("items").EnumerateArray()
            .Select(execution => execution.GetProperty("status").GetString())];
}
