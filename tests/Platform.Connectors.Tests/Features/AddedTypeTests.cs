using System.Net;
using System.Net.Http.Json;

namespace Platform.Connectors.Tests.Features;

/// <summary>A type that is registered and nothing else works through the whole API, as docs/connectors/adding-a-type.md says.</summary>
public sealed class AddedTypeTests : ConnectorTest
{
    [Test]
    public async Task Stands_among_the_types_with_its_forms()
    {
        var alice = await SignInAsync();

        var types = await GetAsync(alice.Client, "/api/v1/connector-types");

        var added = types.EnumerateArray().Single(type => type.GetProperty("type").GetString() == "calendar");
        Assert.That(added.GetProperty("config_schema").GetProperty("properties").TryGetProperty("year", out _));
        Assert.That(
            types.EnumerateArray().Select(type => type.GetProperty("type").GetString()),
            Is.SupersetOf(["postgres", "mysql", "sqlite", "redis", "http", "graphql", "file", "s3", "mcp"]));
    }

    [Test]
    public async Task Has_its_config_checked_and_its_secrets_kept()
    {
        var alice = await SignInAsync();

        using var wrong = await alice.Client.PostAsJsonAsync("/api/v1/connectors", Body(year: 0));
        var path = await ConnectAsync(alice.Client, Body());
        var stored = await GetAsync(alice.Client, path);

        Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await wrong.Content.ReadAsStringAsync(), Does.Contain("year"));
        Assert.That(stored.GetProperty("credentials_set").TryGetProperty("licence", out _));
        Assert.That(stored.GetRawText(), Does.Not.Contain("a secret licence"));
    }

    [Test]
    public async Task Is_tested_described_and_asked()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client, Body());
        var expired = await ConnectAsync(alice.Client, Body("Old", licence: "expired"));

        var good = await PostAsync(alice.Client, $"{path}/test", new { }, HttpStatusCode.OK);
        var bad = await PostAsync(alice.Client, $"{expired}/test", new { }, HttpStatusCode.OK);
        var schema = await GetAsync(alice.Client, $"{path}/schema");
        var result = await PostAsync(alice.Client, $"{path}/query", new { query = "friday", limit = 2 }, HttpStatusCode.OK);
        using var refused = await alice.Client.PostAsJsonAsync($"{path}/query", new { query = "someday" });

        Assert.That(good.GetProperty("ok").GetBoolean());
        Assert.That(bad.GetProperty("code").GetString(), Is.EqualTo("authentication_failed"));
        Assert.That(schema.GetProperty("tables")[0].GetProperty("name").GetString(), Is.EqualTo("days"));
        Assert.That(result.GetProperty("rows").GetRawText(), Is.EqualTo("""[["2026-01-02"],["2026-01-09"]]"""));
        Assert.That(result.GetProperty("truncated").GetBoolean());
        await ExpectProblemAsync(refused, 422, "query_invalid");
    }

    [Test]
    public async Task Is_synced_into_a_dataset()
    {
        var alice = await SignInAsync();
        var path = await ConnectAsync(alice.Client, Body());

        await PostAsync(alice.Client, $"{path}/sync", new { }, HttpStatusCode.Accepted);
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
        var counted = await PostAsync(
            alice.Client, $"{path}/query",
            new { source = "dataset", query = "select weekday, count(*) as n from days group by 1 order by n desc, 1 limit 1" }, HttpStatusCode.OK);

        Assert.That(counted.GetProperty("rows").GetRawText(), Is.EqualTo("""[["Thursday",53]]"""));
    }

    private static object Body(string name = "Year", int year = 2026, string licence = "a secret licence") =>
        new { name, type = "calendar", config = new { year }, credentials = new { licence } };
}
