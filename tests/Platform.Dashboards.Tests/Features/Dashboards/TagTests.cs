using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Features.Dashboards;

public sealed class TagTests : PlatformTest
{
    private const string Dashboards = "/api/v1/dashboards";

    [Test]
    public async Task Files_a_board_and_lists_what_is_filed_under_a_tag()
    {
        var alice = await SignInAsync();
        var sales = await PostAsync(alice.Client, Dashboards, new { name = "Sales", tags = new[] { " Finance ", "q1", "FINANCE" } });
        await PostAsync(alice.Client, Dashboards, new { name = "Costs", tags = new[] { "finance" } });
        await PostAsync(alice.Client, Dashboards, new { name = "Plants" });

        Assert.That(TagsOf(sales), Is.EqualTo(new[] { "finance", "q1" }));
        Assert.That(await NamesAsync(alice, "?tag=Finance"), Is.EqualTo(new[] { "Costs", "Sales" }));
        Assert.That(await NamesAsync(alice, "?tag=q1"), Is.EqualTo(new[] { "Sales" }));
        Assert.That(await NamesAsync(alice, "?tag=none"), Is.Empty);
        Assert.That(await NamesAsync(alice, ""), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Changes_copies_and_clears_tags()
    {
        var alice = await SignInAsync();
        var id = (await PostAsync(alice.Client, Dashboards, new { name = "Sales", tags = new[] { "a" } })).GetProperty("id").GetGuid();

        using var changed = await alice.Client.PatchAsJsonAsync($"{Dashboards}/{id}", new { tags = new[] { "b", "c" } });
        var copy = await PostAsync(alice.Client, $"{Dashboards}/{id}/duplicate", new { });
        using var cleared = await alice.Client.PatchAsJsonAsync($"{Dashboards}/{id}", new { tags = (string[]?)null });

        Assert.That(TagsOf(await ExpectJsonAsync(changed)), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(TagsOf(copy), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(TagsOf(await ExpectJsonAsync(cleared)), Is.Empty);
    }

    [Test]
    public async Task Are_seen_by_those_who_see_the_board_and_changed_by_those_who_may_edit_it()
    {
        var (alice, viewer, editor, stranger) = (await SignInAsync(), await SignInAsync(), await SignInAsync(), await SignInAsync());
        var id = (await PostAsync(alice.Client, Dashboards, new { name = "Sales", tags = new[] { "secret" } })).GetProperty("id").GetGuid();
        await PostAsync(alice.Client, $"{Dashboards}/{id}/grants", new { email = viewer.Email, role = "view" });
        await PostAsync(alice.Client, $"{Dashboards}/{id}/grants", new { email = editor.Email, role = "edit" });

        Assert.That(await NamesAsync(stranger, "?tag=secret"), Is.Empty);
        Assert.That(await NamesAsync(viewer, "/shared?tag=secret"), Is.EqualTo(new[] { "Sales" }));
        Assert.That(await NamesAsync(viewer, "/shared?tag=other"), Is.Empty);
        await ExpectProblemAsync(await viewer.Client.PatchAsJsonAsync($"{Dashboards}/{id}", new { tags = new[] { "x" } }), 403, "dashboard_view_only");
        using var edited = await editor.Client.PatchAsJsonAsync($"{Dashboards}/{id}", new { tags = new[] { "x" } });
        Assert.That(TagsOf(await ExpectJsonAsync(edited)), Is.EqualTo(new[] { "x" }));
    }

    [TestCase("""{"name": "x", "tags": [""]}""")]
    [TestCase("""{"name": "x", "tags": ["a-tag-that-is-far-longer-than-forty-characters"]}""")]
    [TestCase("""{"name": "x", "tags": [null]}""")]
    [TestCase("""{"name": "x", "tags": ["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21"]}""")]
    public async Task Refuses_what_is_no_tag(string body)
    {
        var alice = await SignInAsync();
        using var content = new StringContent(body, null, "application/json");
        using var response = await alice.Client.PostAsync(Dashboards, content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").GetRawText(), Does.Contain("\"$.tags"));
    }

    private static List<string?> TagsOf(JsonElement board) => [.. board.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString())];

    private static async Task<List<string?>> NamesAsync(TestUser user, string query)
    {
        using var response = await user.Client.GetAsync(Dashboards + query);
        return [.. (await ExpectJsonAsync(response)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString())];
    }
}
