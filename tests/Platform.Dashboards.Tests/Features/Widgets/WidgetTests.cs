using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Widgets;

public sealed class WidgetTests : PlatformTest
{
    [Test]
    public async Task Adds_widgets_below_each_other_when_no_place_is_given()
    {
        var (client, dashboard) = await CreateDashboardAsync();

        var first = await PostAsync(client, $"{dashboard}/widgets", new { type = "text", config = new { text = "hello" }, height = 3 });
        var second = await PostAsync(client, $"{dashboard}/widgets", new { type = "number" });

        Assert.That(first.GetProperty("position_y").GetInt32(), Is.EqualTo(0));
        Assert.That(second.GetProperty("position_y").GetInt32(), Is.EqualTo(3));
        using var read = await client.GetAsync(new Uri(dashboard, UriKind.Relative));
        Assert.That((await ExpectJsonAsync(read)).GetProperty("widgets").GetArrayLength(), Is.EqualTo(2));
    }

    [TestCase("""{"type": "gauge"}""", "$.type")]
    [TestCase("""{"type": "line", "config": {"y": 4}}""", "$.config.y")]
    [TestCase("""{"type": "line", "data_query": {"query": ""}}""", "$.data_query.query")]
    [TestCase("""{"type": "line", "data_query": {"query": "select 1", "source": "cache"}}""", "$.data_query.source")]
    [TestCase("""{"type": "text", "data_query": {"query": "select 1"}}""", "$.data_query")]
    [TestCase("""{"type": "line", "width": "wide"}""", "$.width")]
    [TestCase("""{"type": "line", "connector_id": "01900000-0000-7000-8000-000000000000"}""", "$.connector_id")]
    public async Task Refuses_a_bad_widget(string body, string path)
    {
        var (client, dashboard) = await CreateDashboardAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await client.PostAsync(new Uri($"{dashboard}/widgets", UriKind.Relative), content);

        Assert.That((int)response.StatusCode, Is.EqualTo(422));
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.That(problem.GetProperty("errors").TryGetProperty(path, out _), Is.True, problem.GetRawText());
    }

    [Test]
    public async Task Refuses_a_widget_where_another_is()
    {
        var (client, dashboard) = await CreateDashboardAsync();
        await PostAsync(client, $"{dashboard}/widgets", new { type = "number", position_x = 0, position_y = 0 });

        using var response = await client.PostAsJsonAsync($"{dashboard}/widgets", new { type = "number", position_x = 5, position_y = 3 });

        await ExpectProblemAsync(response, 422, "widgets_overlap");
    }

    [Test]
    public async Task Moves_all_widgets_or_none()
    {
        var (client, dashboard) = await CreateDashboardAsync();
        var first = (await PostAsync(client, $"{dashboard}/widgets", new { type = "number" })).GetProperty("id").GetGuid();
        var second = (await PostAsync(client, $"{dashboard}/widgets", new { type = "number" })).GetProperty("id").GetGuid();

        using var swapped = await client.PutAsJsonAsync($"{dashboard}/layout", new[] { Place(first, 12, 0), Place(second, 0, 0) });
        using var clash = await client.PutAsJsonAsync($"{dashboard}/layout", new[] { Place(first, 0, 8), Place(second, 3, 8) });
        using var outside = await client.PutAsJsonAsync($"{dashboard}/layout", new[] { Place(first, 20, 0) });

        await ExpectJsonAsync(swapped);
        await ExpectProblemAsync(clash, 422, "widgets_overlap");
        await ExpectProblemAsync(outside, 422, "widget_outside_grid");
        var x = await Application.ScalarAsync<int>("select position_x from dashboards.widgets where id = $1", first);
        Assert.That(x, Is.EqualTo(12));
    }

    [Test]
    public async Task Changes_a_widget_and_the_version_of_its_dashboard()
    {
        var (client, dashboard) = await CreateDashboardAsync();
        using var created = await client.PostAsJsonAsync($"{dashboard}/widgets", new { type = "number", config = new { title = "a" } });
        using var before = await client.GetAsync(new Uri(dashboard, UriKind.Relative));

        using var changed = await client.PatchAsJsonAsync(created.Headers.Location, new { config = new { unit = "EUR" }, width = 8 });
        using var after = await client.GetAsync(new Uri(dashboard, UriKind.Relative));

        var widget = await ExpectJsonAsync(changed);
        Assert.That(widget.GetProperty("config").GetRawText(), Is.EqualTo("""{"title":"a","unit":"EUR"}"""));
        Assert.That(widget.GetProperty("width").GetInt32(), Is.EqualTo(8));
        Assert.That(after.Headers.ETag, Is.Not.EqualTo(before.Headers.ETag));
    }

    [Test]
    public async Task Deletes_a_widget_of_the_current_version_alone()
    {
        var (client, dashboard) = await CreateDashboardAsync();
        using var created = await client.PostAsJsonAsync($"{dashboard}/widgets", new { type = "number" });
        await client.PatchAsJsonAsync(created.Headers.Location, new { width = 8 });
        using var stale = new HttpRequestMessage(HttpMethod.Delete, created.Headers.Location);
        stale.Headers.IfMatch.Add(created.Headers.ETag!);

        using var refused = await client.SendAsync(stale);
        using var removed = await client.DeleteAsync(created.Headers.Location);

        await ExpectProblemAsync(refused, 412, "version_stale");
        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
    }

    private static object Place(Guid id, int x, int y) => new { widget_id = id, position_x = x, position_y = y, width = 6, height = 4 };

    private async Task<(HttpClient Client, string Dashboard)> CreateDashboardAsync()
    {
        var alice = await SignInAsync();
        var created = await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Sales" });
        return (alice.Client, $"/api/v1/dashboards/{created.GetProperty("id").GetGuid()}");
    }
}
