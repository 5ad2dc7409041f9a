using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.Workflows.Steps;

/// <summary>Checks and describes what step types take.</summary>
internal static class StepInputs
{
    /// <summary>The JSON Schema of a type's <c>with</c>.</summary>
    public static JsonObject SchemaOf(IStepType type) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray([.. type.Members.Where(member => member.IsRequired).Select(member => (JsonNode)member.Name)]),
        ["properties"] = new JsonObject(type.Members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)DescribeMember(member)))),
    };

    /// <summary>What is wrong with a step's <c>with</c>. An expression may stand for any value.</summary>
    public static IEnumerable<(string Member, string Message)> FaultsOf(IStepType type, JsonElement with)
    {
        foreach (var given in with.EnumerateObject().Where(given => type.Members.All(member => member.Name != given.Name)))
        {
            yield return (given.Name, "There is no such member.");
        }

        foreach (var member in type.Members)
        {
            if (!with.TryGetProperty(member.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (member.IsRequired)
                {
                    yield return (member.Name, "Is required.");
                }
            }
            else if (!Fits(member, value))
            {
                yield return (member.Name, $"Must be {member.JsonType}, or an expression.");
            }
        }
    }

    private static bool Fits(StepMember member, JsonElement value) =>
        (value.ValueKind == JsonValueKind.String && value.GetString()!.Contains("{{", StringComparison.Ordinal))
        || member.JsonType switch
        {
            "any" => true,
            "string" => value.ValueKind == JsonValueKind.String,
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => throw new InvalidOperationException($"Unknown member type {member.JsonType}."),
        };

    private static JsonObject DescribeMember(StepMember member)
    {
        var schema = new JsonObject { ["description"] = member.Description };
        if (member.JsonType == "string")
        {
            schema["type"] = "string";
        }
        else if (member.JsonType != "any")
        {
            schema["type"] = new JsonArray(member.JsonType, "string");
        }

        return schema;
    }
}
