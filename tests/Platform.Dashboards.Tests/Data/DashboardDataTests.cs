using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Data;

public sealed class DashboardDataTests : BoardTest
{
    [Test]
    public async Task Answers_a_line_a_widget_and_from_the_cache_the_second_time()
    {
        var widget = await AddWidgetAsync();

        var first = (await DataAsync(Owner)).Single();
        var second = (await DataAsync(Owner)).Single();

        Assert.That(first.GetProperty("widget_id").GetGuid(), Is.EqualTo(widget));
        Assert.That(first.GetProperty("status").GetString(), Is.EqualTo("ok"));
        Assert.That(first.GetProperty("result").GetProperty("rows").GetRawText(), Is.EqualTo("[[1,10]]"));
        Assert.That(CacheOf(first), Is.EqualTo("miss"));
        Assert.That(CacheOf(second), Is.EqualTo("hit"));
        Assert.That(second.GetProperty("as_of").GetDateTimeOffset(), Is.EqualTo(first.GetProperty("as_of").GetDateTimeOffset()));
        Assert.That(Source.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_hundred_people_who_open_a_cold_board_at_once_cost_one_query_a_widget()
    {
        for (var number = 0; number < 4; number++)
        {
            await AddWidgetAsync($"/widget{number}");
        }

        var friends = new List<TestUser>();
        for (var number = 0; number < 10; number++)
        {
            var friend = await SignInAsync();
            await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "view" });
            friends.Add(friend);
        }

        Source.Delay = TimeSpan.FromMilliseconds(300);

        var boards = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => DataAsync(friends[number % friends.Count])));

        Assert.That(boards.SelectMany(lines => lines).Select(line => line.GetProperty("status").GetString()), Is.All.EqualTo("ok"));
        Assert.That(boards.Select(lines => lines.Count), Is.All.EqualTo(4));
        Assert.That(Source.Asked.Order(), Is.EqualTo(new[] { "/widget0", "/widget1", "/widget2", "/widget3" }));
    }

    [Test]
    public async Task Two_people_with_the_same_query_on_connectors_of_their_own_share_nothing()
    {
        await AddWidgetAsync();
        var other = await SignInAsync();
        var board = await PostAsync(other.Client, Dashboards, new { name = "Sales" });
        await PostAsync(
            other.Client, $"{Dashboards}/{board.GetProperty("id").GetGuid()}/widgets",
            new { type = "table", connector_id = await ConnectAsync(other), data_query = new { query = "/orders" } });

        var mine = (await DataAsync(Owner)).Single();
        Source.Rows = _ => new[] { new { id = 2, total = 20 } };
        var theirs = (await DataAsync(other, $"{Dashboards}/{board.GetProperty("id").GetGuid()}")).Single();

        Assert.That(CacheOf(mine), Is.EqualTo("miss"));
        Assert.That(CacheOf(theirs), Is.EqualTo("miss"));
        Assert.That(theirs.GetProperty("result").GetProperty("rows").GetRawText(), Is.EqualTo("[[2,20]]"));
    }

    [Test]
    public async Task Somebody_who_may_not_see_the_board_gets_nothing_from_its_cache()
    {
        var widget = await AddWidgetAsync();
        await DataAsync(Owner);
        var stranger = await SignInAsync();

        using var board = await stranger.Client.PostAsJsonAsync($"{Path}/data", new { });
        using var single = await stranger.Client.PostAsJsonAsync($"/api/v1/widgets/{widget}/data", new { });

        await ExpectProblemAsync(board, 404, "dashboard_not_found");
        await ExpectProblemAsync(single, 404, "widget_not_found");
    }

    [Test]
    public async Task Shows_what_is_stale_at_once_and_fetches_what_is_new_one_time()
    {
        await AddWidgetAsync();
        await Owner.Client.PatchAsJsonAsync(Path, new { config = new { refresh = 0 } });
        var first = (await DataAsync(Owner)).Single();
        Source.Delay = TimeSpan.FromMilliseconds(400);
        Source.Rows = _ => new[] { new { id = 2, total = 20 } };

        var watch = Stopwatch.StartNew();
        var during = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => DataAsync(Owner)));
        watch.Stop();
        await EventuallyAsync(async () => (await DataAsync(Owner)).Single().GetProperty("result").GetProperty("rows").GetRawText() == "[[2,20]]");

        Assert.That(during.SelectMany(lines => lines).Select(CacheOf), Is.All.EqualTo("stale"));
        Assert.That(
            during.SelectMany(lines => lines).Select(line => line.GetProperty("as_of").GetRawText()).Distinct(),
            Is.EqualTo(new[] { first.GetProperty("as_of").GetRawText() }));
        Assert.That(watch.ElapsedMilliseconds, Is.LessThan(390), "nobody waits for the refresh");
    }

    [Test]
    public async Task Refreshes_do_not_pile_up_on_a_slow_source()
    {
        await AddWidgetAsync();
        await Owner.Client.PatchAsJsonAsync(Path, new { config = new { refresh = 0 } });
        await DataAsync(Owner);
        Source.Delay = TimeSpan.FromSeconds(2);

        for (var number = 0; number < 20; number++)
        {
            await DataAsync(Owner);
        }

        Assert.That(Source.Asked, Has.Count.LessThanOrEqualTo(3));
    }

    [Test]
    public async Task Asks_the_source_for_whoever_wants_no_old_answer()
    {
        var widget = await AddWidgetAsync();
        await DataAsync(Owner);

        using var hit = await Owner.Client.PostAsJsonAsync($"/api/v1/widgets/{widget}/data", new { });
        using var miss = await Owner.Client.PostAsJsonAsync($"/api/v1/widgets/{widget}/data", new { max_age = 0 });

        Assert.That(hit.Headers.GetValues("X-Cache").Single(), Is.EqualTo("hit"));
        Assert.That(miss.Headers.GetValues("X-Cache").Single(), Is.EqualTo("miss"));
        Assert.That((await ExpectJsonAsync(miss)).GetProperty("row_count").GetInt32(), Is.EqualTo(1));
        Assert.That(Source.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_changed_query_connector_or_value_is_another_question()
    {
        var widget = await AddWidgetAsync("/orders?region={{region}}", new { region = "north" });
        await DataAsync(Owner);

        await DataAsync(Owner, body: new { parameters = new { region = "south" } });
        await Owner.Client.PatchAsJsonAsync($"/api/v1/widgets/{widget}", new { data_query = new { query = "/sales?region={{region}}" } });
        await DataAsync(Owner);
        await Owner.Client.PatchAsJsonAsync($"/api/v1/connectors/{Connector}", new { config = new { headers = new Dictionary<string, string> { ["X-A"] = "1" } } });
        await DataAsync(Owner);

        Assert.That(
            Source.Asked,
            Is.EqualTo(new[] { "/orders?region=north", "/orders?region=south", "/sales?region=north", "/sales?region=north" }));
    }

    [Test]
    public async Task Ready_widgets_do_not_wait_for_slow_ones_and_a_query_ends_when_nobody_waits()
    {
        await AddWidgetAsync("/slow");
        await AddWidgetAsync("/quick");
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Path}/data") { Content = JsonContent.Create(new { }) };

        using var response = await Owner.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(leaving.Token));
        var line = await reader.ReadLineAsync(leaving.Token);

        Assert.That(JsonDocument.Parse(line!).RootElement.GetProperty("status").GetString(), Is.EqualTo("ok"));
        await leaving.CancelAsync();
        response.Dispose();
        await EventuallyAsync(() => Task.FromResult(Source.Cancelled == 1), TimeSpan.FromSeconds(5));
    }

    [Test]
    public async Task A_failure_is_told_and_not_kept()
    {
        await AddWidgetAsync();
        Source.Status = 400;
        var failed = (await DataAsync(Owner)).Single();

        Source.Status = 200;
        var good = (await DataAsync(Owner)).Single();

        Assert.That(failed.GetProperty("status").GetString(), Is.EqualTo("error"));
        Assert.That(failed.GetProperty("problem").GetProperty("code").GetString(), Is.Not.Empty);
        Assert.That(good.GetProperty("status").GetString(), Is.EqualTo("ok"));
    }

    [Test]
    public async Task An_editor_words_a_widget_but_does_not_choose_what_the_owners_connector_is_asked()
    {
        var widget = await AddWidgetAsync();
        var friend = await SignInAsync();
        await PostAsync(Owner.Client, $"{Path}/grants", new { email = friend.Email, role = "edit" });

        using var worded = await friend.Client.PatchAsJsonAsync($"/api/v1/widgets/{widget}", new { config = new { title = "Orders" } });
        using var asked = await friend.Client.PatchAsJsonAsync($"/api/v1/widgets/{widget}", new { data_query = new { query = "/salaries" } });
        using var listed = await friend.Client.PatchAsJsonAsync(Path, new
        {
            config = new { parameters = new[] { new { name = "who", type = "list", query = new { connector_id = Connector, query = "/salaries" } } } },
        });

        await ExpectJsonAsync(worded);
        await ExpectProblemAsync(asked, 403, "dashboard_not_yours");
        await ExpectProblemAsync(listed, 403, "not_allowed");
    }

    private static string CacheOf(JsonElement line) => line.GetProperty("cache").GetString()!;

    private async Task<List<JsonElement>> DataAsync(TestUser user, string? path = null, object? body = null)
    {
        using var response = await user.Client.PostAsJsonAsync($"{path ?? Path}/data", body ?? new { });
        return await LinesAsync(response);
    }
}
