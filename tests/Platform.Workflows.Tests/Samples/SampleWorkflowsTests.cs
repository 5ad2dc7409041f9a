using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Workflows.Tests.Samples;

public sealed class SampleWorkflowsTests : WorkflowTest
{
    [Test]
    public async Task The_weekly_report_is_kept_and_sent()
    {
        var alice = await SignInAsync();
        var connector_id = await ConnectWeatherAsync(alice.Client);
        var workflow = await ImportAsync(alice.Client, "weekly-report", new { connector_id, recipients = "report@example.com" });

        var done = await RunAsync(alice.Client, workflow, new { });

        Assert.That(done.GetProperty("status").GetString(), Is.EqualTo("succeeded"), done.GetRawText());
        var letters = await GetAsync(alice.Client, "/inbox.json?to=report@example.com");
        Assert.That(letters[0].GetProperty("text").GetString(), Does.StartWith("| weather | days | warmest |"));
        Assert.That(await Application.ScalarAsync<long>("select count(*) from artifacts.artifacts where name = 'Weather since 2015-12-01'"), Is.EqualTo(1));
    }

    [TestCase(30, "succeeded", 1)]
    [TestCase(50, "skipped", 0)]
    public async Task The_threshold_alert_speaks_up_only_beyond_the_threshold(int threshold, string status, int sent)
    {
        var alice = await SignInAsync();
        var connector_id = await ConnectWeatherAsync(alice.Client);
        var recipient = $"alert{threshold}@example.com";
        var workflow = await ImportAsync(alice.Client, "threshold-alert", new { connector_id, threshold, recipients = recipient });

        var done = await RunAsync(alice.Client, workflow, new { });

        Assert.That(StatusOf(done, "alert"), Is.EqualTo(status), done.GetRawText());
        Assert.That((await GetAsync(alice.Client, $"/inbox.json?to={recipient}")).GetArrayLength(), Is.EqualTo(sent));
    }

    [Test]
    public async Task The_ingestion_reads_every_page()
    {
        var alice = await SignInAsync();
        var days = File.ReadLines(RepositoryFiles.Path("samples/seattle-weather.csv")).Skip(1).Take(25).Select(line => line.Split(',')).ToList();
        await using var api = await FakeServer.StartAsync(request =>
        {
            var page = int.Parse(request.Path.Split('/')[^1], CultureInfo.InvariantCulture);
            var items = days.Skip((page - 1) * 10).Take(10).Select(day => new { date = day[0], temp_max = double.Parse(day[2], CultureInfo.InvariantCulture) });
            return (200, new { pages = 3, items });
        });
        var workflow = await ImportAsync(alice.Client, "api-ingestion", new { url = $"{api.Url}/days" });

        var done = await RunAsync(alice.Client, workflow, new { });

        Assert.That(done.GetProperty("status").GetString(), Is.EqualTo("succeeded"), done.GetRawText());
        Assert.That(api.Requests, Has.Count.EqualTo(3));
        Assert.That(await Application.ScalarAsync<int>("select jsonb_array_length(data -> 'rows') from artifacts.artifacts"), Is.EqualTo(25));
    }

    [TestCase(true, 1)]
    [TestCase(false, 0)]
    public async Task Nothing_is_written_before_it_was_approved(bool approve, int written)
    {
        var alice = await SignInAsync();
        await using var api = await FakeServer.StartAsync(200);
        var connector_id = await ConnectWeatherAsync(alice.Client);
        var workflow = await ImportAsync(alice.Client, "approval-before-write", new { connector_id, url = api.Url });
        var waiting = await RunAsync(alice.Client, workflow, new { });
        Assert.That((waiting.GetProperty("status").GetString(), api.Requests.Count), Is.EqualTo(("waiting", 0)), waiting.GetRawText());

        using var decided = await alice.Client.PostAsJsonAsync($"/api/v1/executions/{waiting.GetProperty("id").GetGuid()}/approvals/ask", new { approve });
        var done = await ReadOnAsync(alice.Client, waiting);

        Assert.That(done.GetProperty("status").GetString(), Is.EqualTo("succeeded"), done.GetRawText());
        Assert.That(api.Requests, Has.Count.EqualTo(written));
    }

    [Test]
    public async Task The_fan_out_reaches_every_row()
    {
        var alice = await SignInAsync();
        var workflow = await ImportAsync(alice.Client, "fan-out-over-rows", new { connector_id = await ConnectWeatherAsync(alice.Client) });

        var done = await RunAsync(alice.Client, workflow, new { });

        var sum = done.GetProperty("results").GetProperty("sum");
        Assert.That((sum.GetProperty("told").GetInt32(), sum.GetProperty("days").GetInt32()), Is.EqualTo((5, 1461)), done.GetRawText());
    }

    private static async Task<string> ImportAsync(HttpClient client, string name, object vars)
    {
        var document = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(RepositoryFiles.Path($"samples/workflows/{name}.json")));
        var path = $"/api/v1/workflows/{(await PostAsync(client, "/api/v1/workflows/import", document)).GetProperty("id").GetGuid()}";
        using var changed = await client.PatchAsJsonAsync(path, new { config = new { vars } });
        await ExpectJsonAsync(changed);
        using var published = await client.PostAsync(new Uri($"{path}/publish", UriKind.Relative), null);
        await ExpectJsonAsync(published);
        return path;
    }
}
