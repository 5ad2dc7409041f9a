using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Copies;

public sealed class CopyTests : PlatformTest
{
    private const string Dashboards = "/api/v1/dashboards";
    private TestUser _owner = null!;
    private string _path = "";

    [SetUp]
    public async Task MakeDashboardAsync()
    {
        _owner = await SignInAsync();
        var board = await PostAsync(_owner.Client, Dashboards, new { name = "Sales", description = "All of it", config = new { refresh = 60 } });
        _path = $"{Dashboards}/{board.GetProperty("id").GetGuid()}";
        await PostAsync(_owner.Client, $"{_path}/widgets", new { type = "text", config = new { text = "one" } });
        await PostAsync(_owner.Client, $"{_path}/widgets", new { type = "text", config = new { text = "two" } });
    }

    [Test]
    public async Task Duplicates_a_board_with_its_widgets_under_free_names()
    {
        var first = await PostAsync(_owner.Client, $"{_path}/duplicate", new { });
        var second = await PostAsync(_owner.Client, $"{_path}/duplicate", new { });
        var named = await PostAsync(_owner.Client, $"{_path}/duplicate", new { name = "Mine" });

        Assert.That(
            new[] { first, second, named }.Select(copy => copy.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "Sales (copy)", "Sales (copy 2)", "Mine" }));
        Assert.That(first.GetProperty("widgets").GetArrayLength(), Is.EqualTo(2));
        Assert.That(first.GetProperty("config").GetProperty("refresh").GetInt32(), Is.EqualTo(60));
        var original = await GetAsync(_owner, _path);
        Assert.That(IdsOf(first), Has.No.AnyOf(IdsOf(original)));
    }

    [Test]
    public async Task Somebody_who_may_view_a_board_makes_a_copy_without_its_connectors()
    {
        var friend = await SignInAsync();
        var connector = await PostAsync(_owner.Client, "/api/v1/connectors", new { name = "Api", type = "http", config = new { url = "https://example.com/" } });
        await PostAsync(_owner.Client, $"{_path}/widgets", new { type = "table", connector_id = connector.GetProperty("id").GetGuid(), data_query = new { query = "/" } });
        await PostAsync(_owner.Client, $"{_path}/grants", new { email = friend.Email, role = "view" });

        var copy = await PostAsync(friend.Client, $"{_path}/duplicate", new { });

        Assert.That(copy.GetProperty("widgets").EnumerateArray().Select(widget => widget.GetProperty("connector_id").ValueKind), Is.All.EqualTo(JsonValueKind.Null));
        Assert.That(copy.GetProperty("widgets").GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_file_brings_a_deleted_board_back_with_its_ids_and_changes_nothing_the_second_time()
    {
        var file = await GetAsync(_owner, $"{_path}/export?format=json");
        var before = await GetAsync(_owner, _path);
        await _owner.Client.DeleteAsync(_path);

        var made = await PostAsync(_owner.Client, $"{Dashboards}/import", file);
        var again = await PostAsync(_owner.Client, $"{Dashboards}/import", file, HttpStatusCode.OK);

        Assert.That(made.GetProperty("action").GetString(), Is.EqualTo("create"));
        Assert.That(again.GetRawText(), Does.Contain("""{"added":0,"changed":0,"removed":0}"""));
        var after = await GetAsync(_owner, _path);
        Assert.That(after.GetProperty("description").GetString(), Is.EqualTo("All of it"));
        Assert.That(IdsOf(after), Is.EqualTo(IdsOf(before)));
    }

    [Test]
    public async Task A_dry_run_tells_what_would_change_and_changes_nothing()
    {
        var file = await GetAsync(_owner, $"{_path}/export?format=json");
        var widgets = file.GetProperty("dashboard").GetProperty("widgets");
        await _owner.Client.PatchAsJsonAsync($"/api/v1/widgets/{widgets[0].GetProperty("id").GetGuid()}", new { config = new { text = "other" } });
        await _owner.Client.DeleteAsync($"/api/v1/widgets/{widgets[1].GetProperty("id").GetGuid()}");
        await PostAsync(_owner.Client, $"{_path}/widgets", new { type = "text", config = new { text = "three" } });
        var before = await GetAsync(_owner, _path);

        var plan = await PostAsync(_owner.Client, $"{Dashboards}/import?dry_run=true", file, HttpStatusCode.OK);

        Assert.That(plan.GetProperty("action").GetString(), Is.EqualTo("update"));
        Assert.That(plan.GetProperty("dry_run").GetBoolean(), Is.True);
        Assert.That(plan.GetProperty("widgets").GetRawText(), Is.EqualTo("""{"added":1,"changed":1,"removed":1}"""));
        Assert.That((await GetAsync(_owner, _path)).GetRawText(), Is.EqualTo(before.GetRawText()));
    }

    [Test]
    public async Task Somebody_else_imports_the_file_as_a_board_of_their_own_that_stays_the_same()
    {
        var other = await SignInAsync();
        var file = await GetAsync(_owner, $"{_path}/export?format=json");

        var made = await PostAsync(other.Client, $"{Dashboards}/import", file);
        var again = await PostAsync(other.Client, $"{Dashboards}/import", file, HttpStatusCode.OK);

        Assert.That(again.GetProperty("id").GetGuid(), Is.EqualTo(made.GetProperty("id").GetGuid()));
        Assert.That(_path, Does.Not.EndWith(made.GetProperty("id").GetString()!));
        Assert.That((await GetAsync(other, $"{Dashboards}/{made.GetProperty("id").GetGuid()}")).GetProperty("widgets").GetArrayLength(), Is.EqualTo(2));
        Assert.That((await GetAsync(_owner, _path)).GetProperty("name").GetString(), Is.EqualTo("Sales"));
    }

    [Test]
    public async Task A_connector_is_found_again_by_name_and_named_where_it_is_not()
    {
        var other = await SignInAsync();
        var connector = await PostAsync(_owner.Client, "/api/v1/connectors", new { name = "Api", type = "http", config = new { url = "https://example.com/" } });
        await PostAsync(_owner.Client, $"{_path}/widgets", new { type = "table", connector_id = connector.GetProperty("id").GetGuid(), data_query = new { query = "/" } });
        var file = await GetAsync(_owner, $"{_path}/export?format=json");

        var without = await PostAsync(other.Client, $"{Dashboards}/import?dry_run=true", file, HttpStatusCode.OK);
        await PostAsync(other.Client, "/api/v1/connectors", new { name = "Api", type = "http", config = new { url = "https://example.org/" } });
        var with = await PostAsync(other.Client, $"{Dashboards}/import", file);

        Assert.That(without.GetProperty("unresolved_connectors")[0].GetProperty("name").GetString(), Is.EqualTo("Api"));
        Assert.That(with.GetProperty("unresolved_connectors").GetArrayLength(), Is.Zero);
    }

    [TestCase("""{"format": "platform.dashboard", "format_version": 2, "dashboard": {"id": "01900000-0000-7000-8000-000000000001", "name": "x", "widgets": []}}""", "$.format_version")]
    [TestCase("""{"format": "platform.dashboard", "format_version": 1, "dashboard": {"id": "01900000-0000-7000-8000-000000000001", "name": "", "widgets": []}}""", "$.dashboard.name")]
    [TestCase("""{"format": "platform.dashboard", "format_version": 1, "dashboard": {"id": "01900000-0000-7000-8000-000000000001", "name": "x", "widgets": [{"id": "01900000-0000-7000-8000-000000000002", "type": "none", "position_x": 0, "position_y": 0, "width": 1, "height": 1}]}}""", "$.dashboard.widgets[0].type")]
    [TestCase("""{"format": "platform.dashboard"}""", "$")]
    public async Task Refuses_what_is_no_board(string body, string path)
    {
        using var content = new StringContent(body, null, "application/json");
        using var response = await _owner.Client.PostAsync($"{Dashboards}/import", content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").GetRawText(), Does.Contain($"\"{path}\""));
    }

    private static List<string?> IdsOf(JsonElement board) =>
        [.. board.GetProperty("widgets").EnumerateArray().Select(widget => widget.GetProperty("id").GetString())];

    private static async Task<JsonElement> GetAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(path);
        return await ExpectJsonAsync(response);
    }
}
