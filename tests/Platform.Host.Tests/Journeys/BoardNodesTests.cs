using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Journeys;

/// <summary>
/// A board on two nodes that share a Redis server, both processes of their own: what one asked, the other does not ask again.
/// </summary>
public sealed class BoardNodesTests : HostJourney
{
    private const int Widgets = 6;
    private Process? _redis;

    [TearDown]
    public void EndRedis() => StopRedis();

    [Test]
    public async Task Two_nodes_ask_a_source_once_and_each_on_its_own_when_Redis_dies()
    {
        var redis = StartRedis();
        await using var source = await FakeServer.StartSlowAsync(TimeSpan.FromMilliseconds(400));
        using var first = await HostProcess.StartAsync(DataDirectory, Url, redis);
        using var one = await first.SignUpAsync(DataDirectory, "ada@example.com");
        var board = await MakeBoardAsync(one, source.Url);
        using var second = await HostProcess.StartAsync(
            Path.Combine(DataDirectory, "second-node"), $"http://127.0.0.1:{HostProcess.FreePort()}", SecondNode(Url, redis));
        using var two = second.CreateClient();
        two.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", one.DefaultRequestHeaders.Authorization!.Parameter);

        var together = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => OpenAsync(number % 2 == 0 ? one : two, board)));
        var asked = Asked(source);
        StopRedis();
        var alone = await Task.WhenAll(OpenAsync(one, board, maxAge: 0), OpenAsync(two, board, maxAge: 0));
        var askedAlone = Asked(source) - asked;

        Assert.That(together.SelectMany(lines => lines), Is.All.EqualTo("ok"), second.Output);
        Assert.That(asked, Is.EqualTo(Widgets), "once for both nodes and all who look");
        Assert.That(alone.SelectMany(lines => lines), Is.All.EqualTo("ok"), second.Output);
        Assert.That(askedAlone, Is.EqualTo(2 * Widgets), "each node for itself");
        await ExpectChartsLoadWithTheFirstPictureAsync(first, one, board);
        await second.StopAsync();
        await first.StopAsync();
    }

    // The product also looks from time to time whether the source answers at all: that is no widget's question.
    private static int Asked(FakeServer source) => source.Requests.Count(request => request.Path.StartsWith("/orders", StringComparison.Ordinal));

    // The native libraries that draw are large, and most nodes never draw.
    private static async Task ExpectChartsLoadWithTheFirstPictureAsync(HostProcess host, HttpClient client, string board)
    {
        var before = IsMapped(host, "libSkiaSharp") || IsMapped(host, "libHarfBuzzSharp");
        using var picture = await client.GetAsync(new Uri($"{board}/export?format=png", UriKind.Relative));

        Assert.That(picture.IsSuccessStatusCode, Is.True, await picture.Content.ReadAsStringAsync());
        Assert.That(before, Is.False);
        Assert.That(IsMapped(host, "libSkiaSharp"), Is.True);
    }

    private static bool IsMapped(HostProcess host, string library) =>
        File.ReadAllText($"/proc/{host.Id}/maps").Contains(library, StringComparison.Ordinal);

    private static async Task<string> MakeBoardAsync(HttpClient client, string source)
    {
        var connector = await CreateAsync(client, "/api/v1/connectors", new { name = "Api", type = "http", config = new { url = source } });
        var board = $"/api/v1/dashboards/{await CreateAsync(client, "/api/v1/dashboards", new { name = "Sales" })}";
        for (var number = 0; number < Widgets; number++)
        {
            await CreateAsync(client, $"{board}/widgets", new { type = "table", connector_id = connector, data_query = new { query = $"/orders{number}" } });
        }

        return board;
    }

    private static async Task<List<string?>> OpenAsync(HttpClient client, string board, int? maxAge = null)
    {
        using var response = await client.PostAsJsonAsync($"{board}/data", new { max_age = maxAge });
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, text);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(Widgets));
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("status").GetString())];
    }

    private Dictionary<string, string> StartRedis()
    {
        var port = HostProcess.FreePort();
        string[] arguments = ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()];
        _redis = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        while (_redis.StandardOutput.ReadLine() is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
            // It says when it accepts connections.
        }

        return new Dictionary<string, string>
        {
            ["Redis__Configuration"] = $"127.0.0.1:{port},connectTimeout=1000,syncTimeout=1000,asyncTimeout=1000",
            ["Egress__AllowedAddresses"] = "loopback",
            ["Encryption__MasterKeys"] = $"k1:{Convert.ToBase64String(new byte[32])}",
        };
    }

    private void StopRedis()
    {
        if (_redis is not null)
        {
            _redis.Kill();
            _redis.WaitForExit();
            _redis.Dispose();
            _redis = null;
        }
    }

    private Dictionary<string, string> SecondNode(string url, Dictionary<string, string> shared)
    {
        var connection = HostProcess.ReadConnection(DataDirectory);
        var settings = new Dictionary<string, string>(shared)
        {
            ["Supabase__Url"] = url,
            ["Supabase__AnonKey"] = connection.GetProperty("anon_key").GetString()!,
            ["Supabase__ServiceRoleKey"] = connection.GetProperty("service_role_key").GetString()!,
        };
        foreach (var login in new[] { "Api", "Worker", "Jobs", "Owner" })
        {
            settings[$"Database__{login}"] = ConnectionStringOf(connection);
        }

        return settings;
    }

    private static string ConnectionStringOf(JsonElement connection)
    {
        var url = new Uri(connection.GetProperty("database_url").GetString()!);
        var credentials = url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host, Port = url.Port, Username = credentials[0], Password = credentials[1], Database = "postgres", SslMode = SslMode.Disable,
        }.ConnectionString;
    }
}
