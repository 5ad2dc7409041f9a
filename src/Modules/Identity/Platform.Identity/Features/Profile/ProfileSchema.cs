using System.Reflection;
using System.Text.Json;
using Platform.SharedKernel.Errors;

namespace Platform.Identity.Features.Profile;

/// <summary>
/// The shape of a person's documents, in the words of JSON Schema (draft 2020-12) that the schemas of this module use. A patch is checked
/// in place of what it makes: no member is required, so what merges from good parts is good, and faults have the patch's own paths.
/// </summary>
internal sealed class ProfileSchema
{
    public static readonly ProfileSchema Preferences = new("preferences");
    public static readonly ProfileSchema Settings = new("settings");

    private ProfileSchema(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{name}.schema.json")!;
        using var document = JsonDocument.Parse(stream);
        Document = document.RootElement.Clone();
    }

    public JsonElement Document { get; }

    /// <summary>Refuses a merge patch that would break the schema.</summary>
    public void RequireFits(JsonElement patch)
    {
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Check(Document, patch, "$", faults);
        if (faults.Count > 0)
        {
            throw new RuleViolationException("validation_failed", "The request breaks rules; see errors.", faults);
        }
    }

    private static void Check(JsonElement schema, JsonElement value, string path, Dictionary<string, string[]> faults)
    {
        var type = schema.GetProperty("type").GetString()!;
        if (!IsOfType(type, value))
        {
            faults.Add(path, [$"Must be of type {type}."]);
        }
        else if (FaultOf(schema, value) is { } fault)
        {
            faults.Add(path, [fault]);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            CheckMembers(schema, value, path, faults);
        }
        else if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var itemSchema))
        {
            foreach (var (index, item) in value.EnumerateArray().Index())
            {
                Check(itemSchema, item, $"{path}[{index}]", faults);
            }
        }
    }

    private static void CheckMembers(JsonElement schema, JsonElement value, string path, Dictionary<string, string[]> faults)
    {
        if (!schema.TryGetProperty("properties", out var properties))
        {
            return;
        }

        // Null removes a member, also one that is not known any more.
        foreach (var member in value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            if (properties.TryGetProperty(member.Name, out var memberSchema))
            {
                Check(memberSchema, member.Value, $"{path}.{member.Name}", faults);
            }
            else
            {
                faults.Add($"{path}.{member.Name}", ["There is no such member."]);
            }
        }
    }

    private static string? FaultOf(JsonElement schema, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when schema.TryGetProperty("enum", out var options)
            && !options.EnumerateArray().Any(option => option.GetString() == value.GetString()) =>
            $"Must be one of {string.Join(", ", options.EnumerateArray().Select(option => option.GetString()))}.",
        JsonValueKind.String when schema.TryGetProperty("maxLength", out var most) && value.GetString()!.Length > most.GetInt32() =>
            $"Must have at most {most} characters.",
        JsonValueKind.Number when schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble() =>
            $"Must be at least {least}.",
        JsonValueKind.Number when schema.TryGetProperty("maximum", out var most) && value.GetDouble() > most.GetDouble() =>
            $"Must be at most {most}.",
        JsonValueKind.Array when schema.TryGetProperty("maxItems", out var most) && value.GetArrayLength() > most.GetInt32() =>
            $"Must have at most {most} items.",
        _ => null,
    };

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new InvalidOperationException($"A schema names the unknown type {type}."),
    };
}
