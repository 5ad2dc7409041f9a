using System.Text.Json;
using Json.Schema;

namespace Platform.Workflows.Tests.Steps;

public sealed class StepTypesTests : WorkflowTest
{
    private static readonly string[] Documented =
    [
        "ai_prompt", "approval", "condition", "connector_query", "connector_sync", "create_artifact", "delay", "emit_event", "fail",
        "http_request", "refresh_dashboard", "send_email", "sub_workflow", "transform", "wait_for_signal",
    ];

    [Test]
    public async Task Lists_all_kinds_with_a_schema_that_their_example_fits_and_that_a_stranger_does_not()
    {
        var alice = await SignInAsync();

        var types = (await GetAsync(alice.Client, "/api/v1/workflow-step-types")).EnumerateArray().ToList();

        Assert.That(types.Select(type => type.GetProperty("type").GetString()), Is.EqualTo(Documented));
        foreach (var type in types)
        {
            var schema = JsonSchema.FromText(type.GetProperty("schema").GetRawText());
            Assert.That(schema.Evaluate(type.GetProperty("example")).IsValid, type.GetRawText());
            Assert.That(schema.Evaluate(JsonSerializer.SerializeToElement(new { no_such = 1 })).IsValid, Is.False, type.GetRawText());
        }
    }
}
