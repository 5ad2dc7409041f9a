using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Tests.Sources;

namespace Platform.Connectors.Tests.Features;

/// <summary>The product as a process of its own, which is killed in the middle of a sync and started again.</summary>
public sealed class KilledHostTests
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"platform-tests-{Path.GetRandomFileName()}");
    private readonly int _port = FreePort();
    private Process? _host;

    [TearDown]
    public void StopHost()
    {
        if (_host is { HasExited: false })
        {
            using var stop = Process.Start("kill", ["-TERM", $"{_host.Id}"]);
            _host.WaitForExit(20_000);
        }

        _host?.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [Test]
    public async Task Finishes_a_sync_after_the_host_was_killed()
    {
        await using var api = await SourceApi.StartAsync();
        await using var services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = new Uri($"http://127.0.0.1:{_port}");
        await StartHostAsync(client);
        await SignUpAsync(client);
        var connector = await PostAsync(client, "/api/v1/connectors", new
        {
            name = "Dripping", type = "http", config = new { url = $"{api.Url}/drip", paging = new { type = "page", page_size = 1 } },
        });
        var sync = await PostAsync(client, $"/api/v1/connectors/{connector.GetProperty("id").GetString()}/sync", new { });
        var path = $"/api/v1/syncs/{sync.GetProperty("id").GetString()}";
        await WaitAsync(async () => (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("rows_read").GetInt64() > 0, 30);

        _host!.Kill();
        await _host.WaitForExitAsync();
        _host.Dispose();
        await StartHostAsync(client);
        await WaitAsync(async () => (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("status").GetString() == "succeeded", 120);

        var finished = await client.GetFromJsonAsync<JsonElement>(path);
        Assert.That(finished.GetProperty("rows_read").GetInt64(), Is.EqualTo(20), finished.GetRawText());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task WaitAsync(Func<Task<bool>> condition, int seconds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            Assert.That(TimeProvider.System.GetElapsedTime(started).TotalSeconds, Is.LessThan(seconds), "It did not come to hold in time.");
            await Task.Delay(200);
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private async Task SignUpAsync(HttpClient client)
    {
        var connection = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(_data, "connection.json")));
        client.DefaultRequestHeaders.Add("apikey", connection.GetProperty("anon_key").GetString());
        var session = await PostAsync(client, "/auth/v1/signup", new { email = "alice@example.com", password = "a long password 1" });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("access_token").GetString());
    }

    private async Task StartHostAsync(HttpClient client)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Platform.Host.dll")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}";
        start.Environment["Platform__DataDirectory"] = _data;
        start.Environment["Connectors__SyncLeaseSeconds"] = "5";
        _host = Process.Start(start)!;
        _host.BeginOutputReadLine();
        _host.BeginErrorReadLine();
        await WaitAsync(async () =>
        {
            using var response = await client.GetAsync("/health/ready");
            return response.IsSuccessStatusCode;
        }, 60);
    }
}
