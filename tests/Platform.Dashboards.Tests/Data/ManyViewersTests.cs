using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Dashboards.Tests.Data;

/// <summary>Many people at one board whose data are in a real PostgreSQL server: what the server sees is counted there.</summary>
public sealed class ManyViewersTests : PlatformTest
{
    private const string Dashboards = "/api/v1/dashboards";
    private const int Widgets = 12;
    private SourceDatabase _source = null!;

    [OneTimeSetUp]
    public async Task StartSourceAsync()
    {
        _source = SourceDatabase.Start();
        await _source.AskAsync<object>("create table orders as select n as id, n * 10 as total, case n % 2 when 0 then 'south' else 'north' end as region from generate_series(1, 100) as n");
    }

    [OneTimeTearDown]
    public void StopSource() => _source.Dispose();

    [Test]
    public async Task A_hundred_people_who_open_a_cold_board_of_twelve_widgets_cost_its_source_twelve_queries()
    {
        var owner = await SignInAsync();
        var board = await BoardAsync(owner, number => $"select id, total from orders, pg_sleep(0.2) where id > {number} order by id limit 5");
        var friends = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SignInAsync()));
        foreach (var friend in friends)
        {
            await PostAsync(owner.Client, $"{board}/grants", new { email = friend.Email, role = "view" });
        }

        var before = await ReadsAsync();
        var answers = await Task.WhenAll(friends.Select(friend => LinesAsync(friend, board)));

        Assert.That(answers.Select(lines => lines.Count(line => line.Contains("\"status\":\"ok\"", StringComparison.Ordinal))), Is.All.EqualTo(Widgets));
        // The server counts when a transaction is over, and says so a moment later.
        await EventuallyAsync(async () => await ReadsAsync() - before >= Widgets);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.That(await ReadsAsync() - before, Is.EqualTo(Widgets));
    }

    [Test]
    public async Task People_with_other_values_or_other_connectors_never_share_an_answer()
    {
        var (alice, bob) = (await SignInAsync(), await SignInAsync());
        const string Query = "select region, count(*) as orders from orders where region = :region group by region";
        var hers = await BoardAsync(alice, _ => Query, new { region = "north" }, count: 1);
        var his = await BoardAsync(bob, _ => Query, new { region = "south" }, count: 1);
        await PostAsync(alice.Client, $"{hers}/grants", new { email = bob.Email, role = "view" });

        var first = (await LinesAsync(alice, hers)).Single();
        var own = (await LinesAsync(bob, his)).Single();
        var given = (await LinesAsync(bob, hers)).Single();
        var chosen = (await LinesAsync(bob, hers, new { region = "south" })).Single();

        Assert.That(first, Does.Contain("north").And.Contain("\"cache\":\"miss\""));
        Assert.That(own, Does.Contain("south").And.Contain("\"cache\":\"miss\""), "the same query on a connector of one's own is another question");
        Assert.That(given, Does.Contain("north").And.Contain("\"cache\":\"hit\""), "who may see the board shares its answers");
        Assert.That(chosen, Does.Contain("south").And.Contain("\"cache\":\"miss\""), "other values are another question");
    }

    private Task<long> ReadsAsync() => _source.AskAsync<long>("select seq_scan from pg_stat_user_tables where relname = 'orders'");

    private async Task<string> BoardAsync(TestUser owner, Func<int, string> query, object? parameters = null, int count = Widgets)
    {
        var connector = (await PostAsync(
            owner.Client, "/api/v1/connectors", new { name = "Shop", type = "postgres", config = _source.Config, credentials = SourceDatabase.Credentials }))
            .GetProperty("id").GetGuid();
        var board = $"{Dashboards}/{(await PostAsync(owner.Client, Dashboards, new { name = "Shop" })).GetProperty("id").GetGuid()}";
        for (var number = 0; number < count; number++)
        {
            await PostAsync(owner.Client, $"{board}/widgets", new { type = "table", connector_id = connector, data_query = new { query = query(number), parameters } });
        }

        return board;
    }

    private static async Task<string[]> LinesAsync(TestUser user, string board, object? parameters = null)
    {
        using var response = await user.Client.PostAsJsonAsync($"{board}/data", new { parameters });
        var body = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), body);
        return body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
