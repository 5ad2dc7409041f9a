using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Jobs;

namespace Platform.Connectors.Tests.Features;

/// <summary>What is known of a source's tables, how old it is, and what becomes of a change.</summary>
public sealed class SchemaDriftTests : SyncTest
{
    [SetUp]
    public Task CreateAsync() => Source.ExecuteAsync(
        """
        drop table if exists prices;
        create table prices (id bigint primary key, amount numeric(10,2), currency text);
        grant select on prices to reader
        """);

    [TearDown]
    public Task DropAsync() => Source.ExecuteAsync("drop table if exists prices; alter role reader login");

    [Test]
    public async Task The_tables_are_kept_searched_and_served_while_the_source_is_down()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        var first = await GetAsync(alice.Client, $"{path}/schema");
        await Source.ExecuteAsync("alter role reader nologin");
        await ExecuteAsync("update connectors.connector_schemas set fetched_at = fetched_at - interval '1 hour'");

        var again = await GetAsync(alice.Client, $"{path}/schema?search=CURREN");
        using var refreshed = await alice.Client.GetAsync($"{path}/schema?refresh=true");

        Assert.That(first.GetProperty("age_seconds").GetInt64(), Is.LessThan(60));
        Assert.That(again.GetProperty("age_seconds").GetInt64(), Is.InRange(3600, 3700));
        Assert.That(again.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("name").GetString()), Is.EqualTo(["prices"]));
        Assert.That((int)refreshed.StatusCode, Is.EqualTo(422));
    }

    [Test]
    public async Task A_change_names_the_widgets_and_workflows_that_it_may_break()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await GetAsync(alice.Client, $"{path}/schema");
        var (widget, workflow) = await DependAsync(alice.Client, LastPart(path));
        await Source.ExecuteAsync("alter table prices drop column currency, add column unit text, alter column amount type text");

        var schema = await GetAsync(alice.Client, $"{path}/schema?refresh=true");
        var unchanged = await GetAsync(alice.Client, $"{path}/schema?refresh=true");

        var drift = schema.GetProperty("drift");
        var table = drift.GetProperty("changed_tables")[0];
        Assert.That(table.GetProperty("table").GetString(), Is.EqualTo("prices"));
        Assert.That(table.GetProperty("added")[0].GetString(), Is.EqualTo("unit"));
        Assert.That(table.GetProperty("dropped")[0].GetString(), Is.EqualTo("currency"));
        Assert.That(table.GetProperty("retyped")[0].GetString(), Is.EqualTo("amount"));
        Assert.That(
            drift.GetProperty("affected").EnumerateArray().Select(one => one.GetProperty("id").GetString()), Is.EquivalentTo([widget, workflow]));
        Assert.That(unchanged.GetProperty("drift").GetProperty("detected_at").GetRawText(), Is.EqualTo(drift.GetProperty("detected_at").GetRawText()));
        var entries = (await GetAsync(alice.Client, $"{path}/events-log")).GetProperty("items").EnumerateArray()
            .Where(entry => entry.GetProperty("type").GetString() == "schema_changed").ToList();
        Assert.That(entries, Has.Count.EqualTo(1));
        Assert.That(entries[0].GetProperty("detail").GetString(), Does.Contain("prices").And.Contain("table on Prices").And.Contain("Price flow"));
        Assert.That(entries[0].GetProperty("data").GetProperty("changed_tables")[0].GetProperty("table").GetString(), Is.EqualTo("prices"));
    }

    [Test]
    public async Task A_change_is_seen_though_nobody_looks()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await GetAsync(alice.Client, $"{path}/schema");
        await Source.ExecuteAsync("drop table prices");
        var job = Application.Services.CreateScope().ServiceProvider.GetRequiredService<CheckHealthJob>();
        await job.RunAsync(default);
        await ExecuteAsync(
            "update connectors.connector_schemas set fetched_at = now() - interval '1 hour'; update connectors.connector_health set next_check_at = now()");

        await job.RunAsync(default);

        var newest = (await GetAsync(alice.Client, $"{path}/events-log")).GetProperty("items").EnumerateArray()
            .First(entry => entry.GetProperty("type").GetString() == "schema_changed");
        Assert.That(newest.GetProperty("data").GetProperty("dropped_tables")[0].GetString(), Is.EqualTo("prices"));
    }

    [Test]
    public async Task Another_source_is_no_change_of_the_source()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client);
        await GetAsync(alice.Client, $"{path}/schema");
        using var moved = await alice.Client.PatchAsJsonAsync(path, new { config = new { database = "postgres" } });

        var schema = await GetAsync(alice.Client, $"{path}/schema");

        Assert.That(schema.GetProperty("drift").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(schema.GetProperty("tables").GetArrayLength(), Is.Zero);
    }

    private static async Task<(string Widget, string Workflow)> DependAsync(HttpClient client, string connectorId)
    {
        var dashboard = await PostAsync(client, "/api/v1/dashboards", new { name = "Prices" });
        var widget = await PostAsync(client, $"/api/v1/dashboards/{dashboard.GetProperty("id").GetString()}/widgets", new
        {
            type = "table",
            connector_id = connectorId,
            data_query = new { query = "select currency from prices" },
            position_x = 0,
            position_y = 0,
            width = 6,
            height = 4,
        });
        var workflow = await PostAsync(client, "/api/v1/workflows", new
        {
            name = "Price flow",
            steps = new[] { new { key = "ask", type = "connector_query", with = new { connector_id = connectorId, query = "select 1" } } },
        });
        return (widget.GetProperty("id").GetString()!, workflow.GetProperty("id").GetString()!);
    }
}
