using Platform.Dashboards.Tests.Data;

namespace Platform.Dashboards.Tests.Features.Widgets;

public sealed class ExportWidgetTests : BoardTest
{
    [Test]
    public async Task A_csv_file_runs_nothing_and_keeps_every_text()
    {
        Source.Rows = _ => new[]
        {
            new { name = "=HYPERLINK(\"http://evil.example\")", note = "a \"b\", c", amount = -5.5 },
            new { name = "-12", note = "two\nlines", amount = 3.0 },
        };
        var widget = await AddWidgetAsync();

        using var response = await Owner.Client.GetAsync($"/api/v1/widgets/{widget}/export?format=csv");

        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/csv; charset=utf-8"));
        Assert.That(
            await response.Content.ReadAsStringAsync(),
            Is.EqualTo("name,note,amount\r\n\"'=HYPERLINK(\"\"http://evil.example\"\")\",\"a \"\"b\"\", c\",-5.5\r\n-12,\"two\nlines\",3\r\n"));
    }

    [Test]
    public async Task A_json_file_is_the_result()
    {
        var widget = await AddWidgetAsync();

        using var response = await Owner.Client.GetAsync($"/api/v1/widgets/{widget}/export?format=json");

        Assert.That((await ExpectJsonAsync(response)).GetProperty("rows").GetRawText(), Is.EqualTo("[[1,10]]"));
    }

    [Test]
    public async Task Is_for_those_alone_who_may_see_the_board_and_in_known_formats()
    {
        var widget = await AddWidgetAsync();
        var stranger = await SignInAsync();

        await ExpectProblemAsync(await stranger.Client.GetAsync($"/api/v1/widgets/{widget}/export?format=csv"), 404, "widget_not_found");
        await ExpectProblemAsync(await Owner.Client.GetAsync($"/api/v1/widgets/{widget}/export?format=exe"), 422, "validation_failed");
    }
}
