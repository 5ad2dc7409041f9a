using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Versions;

public sealed class VersionTests : PlatformTest
{
    private TestUser _owner = null!;
    private string _path = "";

    [SetUp]
    public async Task MakeDashboardAsync()
    {
        _owner = await SignInAsync();
        var board = await PostAsync(_owner.Client, "/api/v1/dashboards", new { name = "Sales" });
        _path = $"/api/v1/dashboards/{board.GetProperty("id").GetGuid()}";
    }

    [Test]
    public async Task Keeps_a_version_of_every_change_by_whoever_made_it()
    {
        await AddAsync("one");
        await _owner.Client.PatchAsJsonAsync(_path, new { name = "Turnover" });

        var versions = await GetAsync($"{_path}/versions");

        Assert.That(
            versions.GetProperty("items").EnumerateArray().Select(item =>
                $"{item.GetProperty("version")} {item.GetProperty("name")} {item.GetProperty("widget_count")} {item.GetProperty("author_id").GetGuid() == _owner.Id}"),
            Is.EqualTo(new[] { "3 Turnover 1 True", "2 Sales 1 True", "1 Sales 0 True" }));
    }

    [Test]
    public async Task Pages_through_the_versions()
    {
        for (var number = 0; number < 4; number++)
        {
            await _owner.Client.PatchAsJsonAsync(_path, new { name = $"Name {number}" });
        }

        var first = await GetAsync($"{_path}/versions?limit=3");
        var second = await GetAsync($"{_path}/versions?limit=3&cursor={first.GetProperty("next_cursor").GetString()}");

        Assert.That(NumbersOf(first), Is.EqualTo(new[] { 5, 4, 3 }));
        Assert.That(NumbersOf(second), Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public async Task Restores_widgets_with_their_ids_and_places_as_a_new_version()
    {
        var kept = await AddAsync("kept");
        var lost = await AddAsync("lost");
        var before = await GetAsync(_path);
        await _owner.Client.DeleteAsync($"/api/v1/widgets/{lost}");
        await _owner.Client.PatchAsJsonAsync($"/api/v1/widgets/{kept}", new { config = new { text = "changed" }, width = 24 });
        await AddAsync("new");

        using var response = await _owner.Client.PostAsync($"{_path}/versions/3/restore", null);

        var restored = await ExpectJsonAsync(response);
        var after = await GetAsync(_path);
        Assert.That(Shape(after), Is.EqualTo(Shape(before)));
        Assert.That(restored.GetProperty("name").GetString(), Is.EqualTo("Sales"));
        var newest = (await GetAsync($"{_path}/versions")).GetProperty("items")[0];
        Assert.That(newest.GetProperty("version").GetInt32(), Is.EqualTo(7));
        Assert.That(newest.GetProperty("reason").GetString(), Is.EqualTo("Restored version 3."));
    }

    [Test]
    public async Task A_version_shows_what_the_board_was()
    {
        await AddAsync("one");

        var version = await GetAsync($"{_path}/versions/2");
        using var missing = await _owner.Client.GetAsync($"{_path}/versions/9");

        Assert.That(version.GetProperty("snapshot").GetProperty("widgets")[0].GetProperty("config").GetProperty("text").GetString(), Is.EqualTo("one"));
        await ExpectProblemAsync(missing, 404, "dashboard_version_not_found");
    }

    [Test]
    public async Task Is_the_owners_alone_even_for_editors()
    {
        var friend = await SignInAsync();
        var stranger = await SignInAsync();
        await PostAsync(_owner.Client, $"{_path}/grants", new { email = friend.Email, role = "edit" });

        using var list = await friend.Client.GetAsync($"{_path}/versions");
        using var restore = await friend.Client.PostAsync($"{_path}/versions/1/restore", null);
        using var strange = await stranger.Client.GetAsync($"{_path}/versions");

        await ExpectProblemAsync(list, 403, "dashboard_not_yours");
        await ExpectProblemAsync(restore, 403, "dashboard_not_yours");
        await ExpectProblemAsync(strange, 404, "dashboard_not_found");
    }

    [Test]
    public async Task Keeps_one_version_of_a_change_of_many_widgets_and_the_last_hundred_in_all()
    {
        var (one, two) = (await AddAsync("one"), await AddAsync("two"));
        object Place(Guid id, int x) => new { widget_id = id, position_x = x, position_y = 0, width = 1, height = 1 };

        for (var number = 0; number < 105; number++)
        {
            using var moved = await _owner.Client.PutAsJsonAsync($"{_path}/layout", new[] { Place(one, number % 2), Place(two, 4 + (number % 2)) });
            Assert.That(moved.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        Assert.That(await Application.ScalarAsync<long>("select count(*) from dashboards.dashboard_versions"), Is.EqualTo(100));
        Assert.That(await Application.ScalarAsync<int>("select max(version) from dashboards.dashboard_versions"), Is.EqualTo(108));
    }

    private static IEnumerable<int> NumbersOf(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("version").GetInt32());

    private static string Shape(JsonElement board) => string.Join('\n', board.GetProperty("widgets").EnumerateArray().Select(widget =>
        $"{widget.GetProperty("id")} {widget.GetProperty("config")} {widget.GetProperty("position_x")} {widget.GetProperty("position_y")} {widget.GetProperty("width")}"));

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _owner.Client.GetAsync(path);
        return await ExpectJsonAsync(response);
    }

    private async Task<Guid> AddAsync(string text) =>
        (await PostAsync(_owner.Client, $"{_path}/widgets", new { type = "text", config = new { text } })).GetProperty("id").GetGuid();
}
