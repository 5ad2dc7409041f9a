using System.Text.Json;

namespace Platform.Workflows.Tests.Steps;

public sealed class OutwardStepsTests : WorkflowTest
{
    [Test]
    public async Task Sends_a_mail_to_each_once_however_often_the_step_is_tried()
    {
        var alice = await SignInAsync();
        var to = new[] { "ann@example.com", "bea@example.com", "ANN@example.com" };
        var workflow = await PublishAsync(alice.Client,
            Step("mail", "send_email", new { to, subject = "Hi {{ input.name }}", text = "It is {{ 1 + 1 }}." }),
            Step("late", "fail", new { message = "no" }, "mail"));
        var failed = await RunAsync(alice.Client, workflow, new { name = "you" });
        await Application.ScalarAsync<object>("update workflows.execution_steps set status = 'failed', output = null where key = 'mail'");
        var path = $"/api/v1/executions/{failed.GetProperty("id").GetGuid()}";

        await PostAsync(alice.Client, $"{path}/retry", new { }, System.Net.HttpStatusCode.Accepted);
        await Application.DrainAsync("workflows");

        var letters = await GetAsync(alice.Client, "/inbox.json?to=ann@example.com");
        Assert.That(letters.GetArrayLength(), Is.EqualTo(1), letters.GetRawText());
        Assert.That(letters[0].GetProperty("subject").GetString(), Is.EqualTo("Hi you"));
        Assert.That(letters[0].GetProperty("text").GetString(), Is.EqualTo("It is 2."));
        Assert.That((await GetAsync(alice.Client, $"{path}/steps/mail")).GetProperty("output").GetProperty("sent").GetInt32(), Is.EqualTo(2));
    }

    [TestCase("""["no address"]""", "Hi")]
    [TestCase("""[]""", "Hi")]
    [TestCase(""" "a@example.com" """, "two\nlines")]
    public async Task Refuses_a_mail_that_cannot_be_sent(string to, string subject)
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("mail", "send_email", new { to = JsonSerializer.Deserialize<JsonElement>(to), subject, text = "x" }));

        var done = await RunAsync(alice.Client, workflow, new { });

        Assert.That(done.GetProperty("steps")[0].GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("step_input_invalid"), done.GetRawText());
    }

    [Test]
    public async Task Emits_an_event_that_a_trigger_of_the_same_owner_hears()
    {
        var alice = await SignInAsync();
        var listener = await PublishAsync(alice.Client, Step("a", "transform", new { value = "{{ input.event.count }}" }));
        await PostAsync(alice.Client, $"{listener}/triggers", new { type = "event", @event = "custom.orders.imported" });
        var workflow = await PublishAsync(alice.Client, Step("tell", "emit_event", new { name = "orders.imported", payload = new { count = 3 } }));

        var done = await RunAsync(alice.Client, workflow, new { });
        await Application.DrainAsync("workflows");

        Assert.That(done.GetProperty("results").GetProperty("tell").GetProperty("triggers").GetInt32(), Is.EqualTo(1), done.GetRawText());
        var started = (await GetAsync(alice.Client, $"{listener}/executions")).GetProperty("items").EnumerateArray().Single();
        var heard = await GetAsync(alice.Client, $"/api/v1/executions/{started.GetProperty("id").GetGuid()}");
        Assert.That(heard.GetProperty("results").GetProperty("a").GetInt32(), Is.EqualTo(3), heard.GetRawText());
    }

    [Test]
    public async Task Refreshes_a_dashboard_and_says_of_each_widget_how_it_went()
    {
        var alice = await SignInAsync();
        var connector = await ConnectWeatherAsync(alice.Client);
        var dashboard = (await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Weather" })).GetProperty("id").GetGuid();
        foreach (var query in new[] { "select count(*) as days from weather", "select no_such from weather" })
        {
            await PostAsync(alice.Client, $"/api/v1/dashboards/{dashboard}/widgets",
                new { type = "table", config = new { }, connector_id = connector, data_query = new { query } });
        }

        var workflow = await PublishAsync(alice.Client, Step("refresh", "refresh_dashboard", new { dashboard_id = dashboard }));
        var done = await RunAsync(alice.Client, workflow, new { });

        var widgets = done.GetProperty("results").GetProperty("refresh").GetProperty("widgets");
        Assert.That(widgets[0].GetProperty("rows").GetInt32(), Is.EqualTo(1), done.GetRawText());
        Assert.That(widgets[1].GetProperty("error_code").GetString(), Is.Not.Null, done.GetRawText());
    }

    [Test]
    public async Task Asks_the_offline_model_for_a_value_of_a_schema()
    {
        var alice = await SignInAsync();
        var schema = new
        {
            type = "object",
            required = new[] { "city", "urgency", "tags" },
            properties = new
            {
                city = new { type = "string" },
                urgency = new { @enum = new[] { "low", "high" } },
                tags = new { type = "array", items = new { type = "string" }, minItems = 1 },
            },
        };
        var workflow = await PublishAsync(alice.Client,
            Step("ask", "ai_prompt", new { prompt = "How urgent? It is HIGH. {\"city\": \"{{ input.city }}\"}", schema }),
            Step("plain", "ai_prompt", new { prompt = "One. Two. Three." }));

        var done = await RunAsync(alice.Client, workflow, new { city = "Bonn" });

        var value = done.GetProperty("results").GetProperty("ask").GetProperty("value");
        Assert.That(value.GetProperty("city").GetString(), Is.EqualTo("Bonn"), done.GetRawText());
        Assert.That(value.GetProperty("urgency").GetString(), Is.EqualTo("low").Or.EqualTo("high"));
        Assert.That(value.GetProperty("tags").GetArrayLength(), Is.EqualTo(1));
        Assert.That(done.GetProperty("results").GetProperty("plain").GetProperty("text").GetString(), Does.StartWith("One. Two.").And.Contain("offline"));
    }

    [TestCase("""{"type": 7}""", null, "schema_invalid")]
    [TestCase("""{"type": "string", "pattern": "^[0-9]{4}$"}""", null, "answer_not_of_schema")]
    [TestCase("""{"type": "string"}""", "no-such-model", "model_unknown")]
    public async Task Fails_when_the_model_cannot_give_what_is_asked(string schema, string? model, string code)
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("ask", "ai_prompt", new { prompt = "words", model = model ?? "offline", schema = JsonSerializer.Deserialize<JsonElement>(schema) }));

        var done = await RunAsync(alice.Client, workflow, new { });

        Assert.That(done.GetProperty("steps")[0].GetProperty("error").GetProperty("code").GetString(), Is.EqualTo(code), done.GetRawText());
    }

    [Test]
    public async Task Sends_no_more_mails_than_one_person_may_within_an_hour()
    {
        var alice = await SignInAsync();
        var workflow = await PublishAsync(
            alice.Client, Step("mail", "send_email", new { to = "bob@example.com", subject = "Hi", text = "x" }));
        var first = await RunAsync(alice.Client, workflow, new { });
        Assert.That(StatusOf(first, "mail"), Is.EqualTo("succeeded"));
        await Application.ScalarAsync<object>("""update workflows.execution_steps set output = '{"sent": 500}'""");

        var second = await RunAsync(alice.Client, workflow, new { });
        await Application.ScalarAsync<object>("update workflows.execution_steps set completed_at = now() - interval '61 minutes'");
        var third = await RunAsync(alice.Client, workflow, new { });

        Assert.That(second.GetProperty("steps")[0].GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("mail_limit_reached"));
        Assert.That(StatusOf(third, "mail"), Is.EqualTo("succeeded"), third.GetRawText());
    }
}
