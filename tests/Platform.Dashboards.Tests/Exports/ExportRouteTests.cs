using System.Net.Http.Json;
using Platform.Dashboards.Tests.Data;
using SkiaSharp;

namespace Platform.Dashboards.Tests.Exports;

public sealed class ExportRouteTests : BoardTest
{
    [Test]
    public async Task Pictures_show_what_the_widgets_show_and_ask_the_source_no_more()
    {
        var widget = await AddWidgetAsync(type: "bar");
        using var data = await Owner.Client.PostAsJsonAsync($"{Path}/data", new { });

        var (board, boardType) = await FileAsync($"{Path}/export?format=png&width=900");
        var (one, _) = await FileAsync($"/api/v1/widgets/{widget}/export?format=png&theme=dark&width=600");
        var (pdf, pdfType) = await FileAsync($"{Path}/export?format=pdf");

        Assert.That((boardType, pdfType), Is.EqualTo(("image/png", "application/pdf")));
        using var boardPicture = SKBitmap.Decode(board);
        using var widgetPicture = SKBitmap.Decode(one);
        Assert.That((boardPicture.Width, widgetPicture.Width), Is.EqualTo((900, 600)));
        Assert.That(widgetPicture.GetPixel(1, 1), Is.EqualTo(SKColor.Parse("0B1220")), "dark");
        Assert.That(System.Text.Encoding.Latin1.GetString(pdf), Does.StartWith("%PDF-"));
        Assert.That(Source.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Values_in_the_query_string_reach_the_query()
    {
        var widget = await AddWidgetAsync("/orders?region={{region}}", new { region = "north" });

        await FileAsync($"/api/v1/widgets/{widget}/export?format=csv&parameters={Uri.EscapeDataString("""{"region":"south"}""")}");
        await FileAsync($"{Path}/export?format=png&parameters={Uri.EscapeDataString("""{"region":"west"}""")}");

        Assert.That(Source.Asked, Is.EqualTo(new[] { "/orders?region=south", "/orders?region=west" }));
    }

    [Test]
    public async Task A_workbook_has_a_sheet_a_widget()
    {
        await AddWidgetAsync("/first");
        await AddWidgetAsync("/second");

        var (book, type) = await FileAsync($"{Path}/export?format=xlsx");

        Assert.That(type, Is.EqualTo("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        Assert.That(await Calc.ReadAsync(book, "xlsx", sheet: 2), Is.EqualTo(new[] { "\"id\",\"total\"", "1,10" }));
    }

    [Test]
    public async Task A_widget_that_cannot_be_read_is_drawn_as_such_and_makes_no_workbook()
    {
        await AddWidgetAsync();
        Source.Status = 400;

        var (picture, _) = await FileAsync($"{Path}/export?format=png");
        using var workbook = await Owner.Client.GetAsync($"{Path}/export?format=xlsx");

        Assert.That(picture, Is.Not.Empty);
        await ExpectProblemAsync(workbook, 422, "widget_unreadable");
    }

    [TestCase("format=gif", "$.format")]
    [TestCase("format=png&theme=blue", "$.theme")]
    [TestCase("format=png&width=10", "$.width")]
    [TestCase("format=png&width=wide", "$.width")]
    [TestCase("format=png&parameters=[", "$.parameters")]
    [TestCase("format=png&parameters=[]", "$.parameters")]
    public async Task Refuses_what_it_cannot_draw(string query, string path)
    {
        using var response = await Owner.Client.GetAsync($"{Path}/export?{query}");

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").GetRawText(), Does.Contain($"\"{path}\""));
    }

    [Test]
    public async Task Are_for_those_alone_who_see_the_board()
    {
        await AddWidgetAsync();
        var (friend, stranger) = (await SignInAsync(), await SignInAsync());
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "view" });

        foreach (var format in new[] { "png", "pdf", "xlsx" })
        {
            using var given = await friend.Client.GetAsync($"{Path}/export?format={format}");
            using var refused = await stranger.Client.GetAsync($"{Path}/export?format={format}");

            Assert.That((int)given.StatusCode, Is.EqualTo(200));
            await ExpectProblemAsync(refused, 404, "dashboard_not_found");
        }
    }

    private async Task<(byte[] Content, string? Type)> FileAsync(string path)
    {
        using var response = await Owner.Client.GetAsync(path);
        var content = await response.Content.ReadAsByteArrayAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), System.Text.Encoding.UTF8.GetString(content));
        return (content, response.Content.Headers.ContentType?.ToString());
    }
}
