using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Json.Schema;

namespace Platform.Workflows.Tests.Features.Workflows;

public sealed class VersionsTests : WorkflowTest
{
    [Test]
    public async Task Says_what_changed_and_takes_it_back()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await PublishAsync(alice.Client, Step("a", "transform", new { value = 1 }), Step("b", "transform", new { value = 2 }));
        await PatchAsync(alice.Client, workflow, new
        {
            steps = new[] { Step("c", "transform", new { value = 3 }), Step("a", "transform", new { value = 4 }) },
            config = new { retention_days = 7 },
        });

        var diff = await GetAsync(alice.Client, $"{workflow}/versions/1/diff");
        using var elsewhere = await bob.Client.GetAsync(new Uri($"{workflow}/versions/1/diff", UriKind.Relative));
        using var restored = await alice.Client.PostAsync(new Uri($"{workflow}/versions/1/restore", UriKind.Relative), null);
        await ExpectJsonAsync(restored);
        var none = await GetAsync(alice.Client, $"{workflow}/versions/1/diff");
        using var missing = await alice.Client.PostAsync(new Uri($"{workflow}/versions/9/restore", UriKind.Relative), null);

        Assert.That(
            diff.GetProperty("changes").EnumerateArray()
                .Select(change => $"{change.GetProperty("kind").GetString()} {change.GetProperty("path").GetString()}"),
            Is.EqualTo(new[]
            {
                "added config.retention_days", "changed steps.a.with", "removed steps.b.depends_on", "removed steps.b.type", "removed steps.b.with",
                "added steps.c.depends_on", "added steps.c.type", "added steps.c.with",
            }));
        Assert.That(none.GetProperty("changes").GetArrayLength(), Is.Zero, none.GetRawText());
        await ExpectProblemAsync(elsewhere, 404, "workflow_not_found");
        await ExpectProblemAsync(missing, 404, "workflow_version_not_found");
    }

    [Test]
    public async Task Goes_elsewhere_as_a_document_without_secrets_and_starts_nothing_there()
    {
        var alice = await SignInAsync();
        var bob = await SignInAsync();
        var workflow = await PublishAsync(alice.Client,
            Step("call", "http_request", new { url = "https://example.com", headers = new { Authorization = "Bearer abc", X_Trace = "1" } }),
            Step("kept", "http_request", new { url = "https://example.com", headers = new { Authorization = "{{ vars.key }}" } }));
        await PostAsync(alice.Client, $"{workflow}/triggers", new { type = "cron", schedule = "@daily", time_zone = "Europe/Berlin" });
        await PostAsync(alice.Client, $"{workflow}/triggers", new { type = "webhook", signed = true });

        var document = await GetAsync(alice.Client, $"{workflow}/export");
        var imported = await PostAsync(bob.Client, "/api/v1/workflows/import", document);
        var triggers = await GetAsync(bob.Client, $"/api/v1/workflows/{imported.GetProperty("id").GetGuid()}/triggers");

        Assert.That(document.GetRawText(), Does.Not.Contain("Bearer abc").And.Contain("{{ vars.key }}").And.Contain("x_Trace").And.Not.Contain("webhook"));
        Assert.That(imported.GetProperty("status").GetString(), Is.EqualTo("draft"));
        Assert.That(triggers.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
        Assert.That(triggers.GetProperty("items")[0].GetProperty("status").GetString(), Is.EqualTo("paused"));
    }

    [TestCase("""{"format": "other/1", "name": "x", "steps": [], "config": {}}""", "import_invalid")]
    [TestCase("""{"format": "platform.workflow/1", "name": "x", "steps": {}, "config": {}}""", "validation_failed")]
    [TestCase("""{"format": "platform.workflow/1", "name": "x", "steps": [], "config": {}, "triggers": [{"type": "cron", "config": {"schedule": "no"}}]}""", "import_invalid")]
    [TestCase("""{"format": "platform.workflow/1", "name": "x", "steps": [], "config": {}, "triggers": [{"type": "event", "event": "no", "config": {}}]}""", "import_invalid")]
    public async Task Refuses_a_document_that_is_none(string document, string code)
    {
        var alice = await SignInAsync();

        using var refused = await alice.Client.PostAsJsonAsync("/api/v1/workflows/import", JsonSerializer.Deserialize<JsonElement>(document));

        await ExpectProblemAsync(refused, 422, code);
    }

    [TestCase("""{"steps": [{"key": "a", "type": "transform", "with": {"value": 1}, "retry": {"max_attempts": 3}}], "config": {"retention_days": 7}}""", true)]
    [TestCase("""{"steps": [{"key": "a", "type": "transform", "with": {"valeu": 1}}]}""", false)]
    [TestCase("""{"steps": [{"key": "a", "type": "send_email"}]}""", false)]
    [TestCase("""{"steps": [{"key": "1", "type": "transform", "with": {"value": 1}}]}""", false)]
    [TestCase("""{"steps": [{"key": "a", "type": "nothing"}]}""", false)]
    public async Task Publishes_a_schema_that_tells_a_definition_from_what_is_none(string definition, bool isOne)
    {
        var alice = await SignInAsync();
        var element = JsonSerializer.Deserialize<JsonElement>(definition);

        var schema = JsonSchema.FromText((await GetAsync(alice.Client, "/api/v1/workflow-definition-schema")).GetRawText());
        var validated = await PostAsync(alice.Client, "/api/v1/workflows/validate", element, HttpStatusCode.OK);

        Assert.That(schema.Evaluate(element).IsValid, Is.EqualTo(isOne));
        Assert.That(validated.GetProperty("valid").GetBoolean(), Is.EqualTo(isOne), validated.GetRawText());
    }

    private static async Task PatchAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PatchAsJsonAsync(path, body);
        await ExpectJsonAsync(response);
    }
}
