using System.Net.Http.Json;
using System.Text.Json;
using Platform.Dashboards.Tests.Data;

namespace Platform.Dashboards.Tests.Features.Parameters;

public sealed class ParameterTests : BoardTest
{
    [TestCase("""[{"type": "text"}]""", "$.config.parameters[0].name")]
    [TestCase("""[{"name": "a b"}]""", "$.config.parameters[0].name")]
    [TestCase("""[{"name": "a"}, {"name": "a"}]""", "$.config.parameters[1].name")]
    [TestCase("""[{"name": "a", "type": "colour"}]""", "$.config.parameters[0].type")]
    [TestCase("""[{"name": "a", "type": "enum"}]""", "$.config.parameters[0].options")]
    [TestCase("""[{"name": "a", "type": "enum", "options": ["x"], "default": "y"}]""", "$.config.parameters[0].default")]
    [TestCase("""[{"name": "a", "type": "number", "default": "1"}]""", "$.config.parameters[0].default")]
    [TestCase("""[{"name": "a", "type": "list"}]""", "$.config.parameters[0].query")]
    [TestCase("""[{"name": "a", "depends_on": ["b"]}]""", "$.config.parameters[0].depends_on")]
    [TestCase("""[{"name": "a", "depends_on": ["b"]}, {"name": "b", "depends_on": ["a"]}]""", "$.config.parameters[0].depends_on")]
    [TestCase("""[{"name": "a", "type": "date_range", "default": {"from": "2026-02-01", "to": "2026-01-01"}}]""", "$.config.parameters[0].default.to")]
    [TestCase("""7""", "$.config.parameters")]
    public async Task Refuses_what_declares_no_parameter(string parameters, string path)
    {
        using var content = new StringContent($$"""{"config": {"parameters": {{parameters}} } }""", null, "application/json");
        using var response = await Owner.Client.PatchAsync(Path, content);

        var problem = await ExpectProblemAsync(response, 422, "validation_failed");
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Does.Contain(path));
    }

    [Test]
    public async Task Binds_values_and_defaults_by_their_types()
    {
        await DeclareAsync("""
            [{"name": "region", "type": "enum", "options": ["north", {"value": "south", "label": "The south"}], "default": "north"},
             {"name": "least", "type": "number", "default": 5},
             {"name": "day", "type": "date"},
             {"name": "period", "type": "date_range", "default": {"from": "2026-01-01", "to": "2026-01-31"}},
             {"name": "unused", "type": "text"}]
            """);
        await AddWidgetAsync("/o?r={{region}}&l={{least}}&d={{day}}&f={{period_from}}&t={{period_to}}");

        await DataAsync(new { });
        await DataAsync(new { parameters = new { region = "south", day = "2026-05-01", period = new { from = "2026-02-01" } } });

        Assert.That(Source.Asked, Is.EqualTo(new[]
        {
            "/o?r=north&l=5&d=&f=2026-01-01&t=2026-01-31",
            "/o?r=south&l=5&d=2026-05-01&f=2026-02-01&t=",
        }));
    }

    [Test]
    public async Task Relative_days_count_from_today()
    {
        await DeclareAsync("""[{"name": "day", "type": "date", "default": "today-7d"}]""");
        await AddWidgetAsync("/o?d={{day}}");

        await DataAsync(new { });

        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.That(Source.Asked.Single(), Is.EqualTo($"/o?d={today.AddDays(-7):yyyy-MM-dd}").Or.EqualTo($"/o?d={today.AddDays(-8):yyyy-MM-dd}"));
    }

    [TestCase("""{"region": "east"}""", "parameter_invalid", "$.parameters.region")]
    [TestCase("""{"least": "5"}""", "parameter_invalid", "$.parameters.least")]
    [TestCase("""{"day": "01.02.2026"}""", "parameter_invalid", "$.parameters.day")]
    [TestCase("""{"period": {"from": "2026-02-01", "to": "2026-01-01"}}""", "parameter_invalid", "$.parameters.period.to")]
    [TestCase("""{"period": "2026"}""", "parameter_invalid", "$.parameters.period")]
    [TestCase("""{"name": null}""", "parameter_invalid", "$.parameters.name")]
    [TestCase("""{"colour": "red"}""", "parameter_unknown", "$.parameters.colour")]
    public async Task Refuses_a_value_that_does_not_fit(string values, string code, string path)
    {
        await DeclareAsync("""
            [{"name": "region", "type": "enum", "options": ["north"]}, {"name": "least", "type": "number"}, {"name": "day", "type": "date"},
             {"name": "period", "type": "date_range"}, {"name": "name", "type": "text", "required": true, "default": "x"}]
            """);
        await AddWidgetAsync();

        using var content = new StringContent($$"""{"parameters": {{values}} }""", null, "application/json");
        using var response = await Owner.Client.PostAsync($"{Path}/data", content);

        var problem = await ExpectProblemAsync(response, 422, code);
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), Is.EqualTo(new[] { path }));
    }

    [Test]
    public async Task A_value_stays_a_value_whatever_it_says()
    {
        await DeclareAsync("""[{"name": "who", "type": "text"}]""");
        await AddWidgetAsync("/o?w={{who}}");

        await DataAsync(new { parameters = new { who = "x&admin=1'; drop table" } });

        Assert.That(Source.Asked.Single(), Is.EqualTo("/o?w=x%26admin%3D1%27%3B%20drop%20table"));
    }

    [Test]
    public async Task A_list_asks_for_its_options_with_the_values_it_depends_on()
    {
        await DeclareAsync($$$"""
            [{"name": "country", "type": "enum", "options": ["de", {"value": "fr", "label": "France"}]},
             {"name": "city", "type": "list", "depends_on": ["country"],
              "query": {"connector_id": "{{{Connector}}}", "query": "/cities?c={{country}}"}}]
            """);
        Source.Rows = request => new[] { new { id = 1, name = $"city of {request.Query["c"]}" } };

        var cities = await PostAsync(
            Owner.Client, $"{Path}/parameters/city/options", new { parameters = new { country = "fr" } }, System.Net.HttpStatusCode.OK);
        var countries = await PostAsync(Owner.Client, $"{Path}/parameters/country/options", new { }, System.Net.HttpStatusCode.OK);
        using var none = await Owner.Client.PostAsJsonAsync($"{Path}/parameters/none/options", new { });

        Assert.That(cities.GetProperty("options").GetRawText(), Is.EqualTo("""[{"value":1,"label":"city of fr"}]"""));
        Assert.That(countries.GetProperty("options").GetRawText(), Is.EqualTo("""[{"value":"de","label":"de"},{"value":"fr","label":"France"}]"""));
        await ExpectProblemAsync(none, 404, "parameter_not_found");
    }

    private async Task DeclareAsync(string parameters)
    {
        using var content = new StringContent($$"""{"config": {"parameters": {{parameters}} } }""", null, "application/json");
        using var response = await Owner.Client.PatchAsync(Path, content);
        await ExpectJsonAsync(response);
    }

    private async Task<List<JsonElement>> DataAsync(object body)
    {
        using var response = await Owner.Client.PostAsJsonAsync($"{Path}/data", body);
        var lines = await LinesAsync(response);
        Assert.That(lines.Select(line => line.GetProperty("status").GetString()), Is.All.EqualTo("ok"), lines[0].GetRawText());
        return lines;
    }
}
