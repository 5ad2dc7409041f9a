using System.Text.Json.Nodes;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Definitions;

/// <summary>The JSON Schema (2020-12) of a definition. What a graph of steps has to be beyond its shape, only validation tells.</summary>
internal static class DefinitionSchema
{
    /// <summary>The schema over these kinds of steps.</summary>
    public static JsonObject Of(StepTypes types) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["type"] = "object",
        ["required"] = new JsonArray("steps"),
        ["properties"] = new JsonObject
        {
            ["name"] = Text(1, 120),
            ["description"] = new JsonObject { ["type"] = new JsonArray("string", "null"), ["maxLength"] = 2000 },
            ["steps"] = new JsonObject { ["type"] = "array", ["maxItems"] = 200, ["items"] = StepOf(types) },
            ["config"] = Config(),
        },
    };

    private static JsonObject StepOf(StepTypes types) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("key", "type"),
        ["properties"] = new JsonObject
        {
            ["key"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z][A-Za-z0-9_]{0,59}$" },
            ["type"] = new JsonObject { ["enum"] = new JsonArray([.. types.All.Select(type => (JsonNode)type.Type)]) },
            ["depends_on"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            ["with"] = new JsonObject { ["type"] = "object" },
            ["when"] = Text(1, 10_000),
            ["for_each"] = Text(1, 10_000),
            ["retry"] = Retry(),
            ["timeout_seconds"] = Whole(1, StepDefinition.MaxTimeoutSeconds),
            ["on_error"] = Text(1, 60),
            ["concurrency"] = Whole(1, StepDefinition.MaxConcurrency),
        },
        ["allOf"] = new JsonArray([.. types.All.Select(WithOf)]),
    };

    private static JsonNode WithOf(IStepType type)
    {
        var with = StepInputs.SchemaOf(type);
        with.Remove("$schema");
        var then = new JsonObject { ["properties"] = new JsonObject { ["with"] = with } };
        if (type.Members.Any(member => member.IsRequired))
        {
            then["required"] = new JsonArray("with");
        }

        return new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["type"] = new JsonObject { ["const"] = type.Type } } },
            ["then"] = then,
        };
    }

    private static JsonObject Retry() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["max_attempts"] = Whole(1, RetryPolicy.MostAttempts),
            ["backoff_seconds"] = new JsonObject { ["type"] = "number", ["minimum"] = 0 },
            ["multiplier"] = new JsonObject { ["type"] = "number", ["minimum"] = 1 },
            ["max_seconds"] = new JsonObject { ["type"] = "number", ["minimum"] = 0 },
        },
    };

    private static JsonObject Config() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["vars"] = new JsonObject { ["type"] = "object" },
            ["concurrency"] = new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray("limit"),
                ["properties"] = new JsonObject { ["limit"] = Whole(1, 1000), ["key"] = Text(1, 10_000) },
            },
            ["timeout_seconds"] = Whole(1, WorkflowSettings.MaxSeconds),
            ["queue_timeout_seconds"] = Whole(1, WorkflowSettings.MaxSeconds),
            ["retention_days"] = Whole(1, WorkflowSettings.MaxRetentionDays),
        },
    };

    private static JsonObject Whole(int least, int most) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    private static JsonObject Text(int least, int most) => new() { ["type"] = "string", ["minLength"] = least, ["maxLength"] = most };
}
