using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.SharedKernel.Json;

namespace Platform.Connectors.Schemas;

/// <summary>
/// Checks a value against the part of JSON Schema (draft 2020-12) that our schemas use: anyOf, type, enum, const, properties,
/// required, additionalProperties, items, minItems, maxItems, minLength, maxLength, pattern, minimum, maximum. The schemas are ours, the
/// values are not.
/// </summary>
internal static class JsonSchemaCheck
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(50);

    /// <returns>JSON path to messages; empty if the value fits.</returns>
    public static Dictionary<string, string[]> Check(JsonElement schema, JsonElement value, string path)
    {
        if (!UnicodeJson.IsUnicode(value))
        {
            return new Dictionary<string, string[]>(StringComparer.Ordinal) { [path] = [UnicodeJson.Fault] };
        }

        return ErrorsOf(schema, value, path).ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal);
    }

    private static Dictionary<string, List<string>> ErrorsOf(JsonElement schema, JsonElement value, string path)
    {
        var errors = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        Check(schema, value, path, errors);
        return errors;
    }

    private static void Check(JsonElement schema, JsonElement value, string path, Dictionary<string, List<string>> errors)
    {
        if (schema.TryGetProperty("type", out var type) && !IsOfType(type, value))
        {
            Add(errors, path, $"Must be of type {DescribeType(type)}.");
            return;
        }

        if (schema.TryGetProperty("anyOf", out var choices))
        {
            CheckAny(choices, value, path, errors);
        }

        if (schema.TryGetProperty("enum", out var options)
            && !options.EnumerateArray().Any(option => JsonElement.DeepEquals(option, value)))
        {
            Add(errors, path, $"Must be one of {string.Join(", ", options.EnumerateArray().Select(option => option.ToString()))}.");
        }

        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
        {
            Add(errors, path, $"Must be {constant}.");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(schema, value, path, errors);
                break;
            case JsonValueKind.Array:
                CheckArray(schema, value, path, errors);
                break;
            case JsonValueKind.String:
                CheckText(schema, value.GetString()!, path, errors);
                break;
            case JsonValueKind.Number:
                CheckNumber(schema, value.GetDouble(), path, errors);
                break;
        }
    }

    // Of the choices of the value's own type, and of the kind that its member "type" names, the one that it fits best tells what is wrong.
    private static void CheckAny(JsonElement choices, JsonElement value, string path, Dictionary<string, List<string>> errors)
    {
        var attempts = choices.EnumerateArray().Select(choice => (Choice: choice, Errors: ErrorsOf(choice, value, path))).ToList();
        if (attempts.Exists(attempt => attempt.Errors.Count == 0))
        {
            return;
        }

        var nearest = attempts.Where(attempt => !attempt.Choice.TryGetProperty("type", out var type) || IsOfType(type, value))
            .MinBy(attempt => (attempt.Errors.ContainsKey($"{path}.type"), attempt.Errors.Count)).Errors
            ?? attempts[0].Errors;
        foreach (var (place, messages) in nearest)
        {
            foreach (var message in messages)
            {
                Add(errors, place, message);
            }
        }
    }

    private static void CheckObject(JsonElement schema, JsonElement value, string path, Dictionary<string, List<string>> errors)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray()
                .Select(name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
            {
                Add(errors, $"{path}.{name}", "Is required.");
            }
        }

        var hasProperties = schema.TryGetProperty("properties", out var properties);
        var hasAdditional = schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var member in value.EnumerateObject())
        {
            var memberPath = $"{path}.{member.Name}";
            if (hasProperties && properties.TryGetProperty(member.Name, out var memberSchema))
            {
                Check(memberSchema, member.Value, memberPath, errors);
            }
            else if (hasAdditional && additional.ValueKind == JsonValueKind.False)
            {
                Add(errors, memberPath, "Is not known.");
            }
            else if (hasAdditional && additional.ValueKind == JsonValueKind.Object)
            {
                Check(additional, member.Value, memberPath, errors);
            }
        }
    }

    private static void CheckArray(JsonElement schema, JsonElement value, string path, Dictionary<string, List<string>> errors)
    {
        var length = value.GetArrayLength();
        if (schema.TryGetProperty("minItems", out var minimum) && length < minimum.GetInt32())
        {
            Add(errors, path, $"Must have at least {minimum} items.");
        }

        if (schema.TryGetProperty("maxItems", out var maximum) && length > maximum.GetInt32())
        {
            Add(errors, path, $"Must have at most {maximum} items.");
        }

        if (schema.TryGetProperty("items", out var itemSchema))
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                Check(itemSchema, item, $"{path}[{index++}]", errors);
            }
        }
    }

    private static void CheckText(JsonElement schema, string value, string path, Dictionary<string, List<string>> errors)
    {
        if (schema.TryGetProperty("minLength", out var minimum) && value.Length < minimum.GetInt32())
        {
            Add(errors, path, minimum.GetInt32() == 1 ? "Must not be empty." : $"Must have at least {minimum} characters.");
        }

        if (schema.TryGetProperty("maxLength", out var maximum) && value.Length > maximum.GetInt32())
        {
            Add(errors, path, $"Must have at most {maximum} characters.");
        }

        if (schema.TryGetProperty("pattern", out var pattern)
            && !Regex.IsMatch(value, pattern.GetString()!, RegexOptions.CultureInvariant, PatternTimeout))
        {
            Add(errors, path, "Has not the right form.");
        }
    }

    private static void CheckNumber(JsonElement schema, double value, string path, Dictionary<string, List<string>> errors)
    {
        if (schema.TryGetProperty("minimum", out var minimum) && value < minimum.GetDouble())
        {
            Add(errors, path, $"Must be at least {minimum}.");
        }

        if (schema.TryGetProperty("maximum", out var maximum) && value > maximum.GetDouble())
        {
            Add(errors, path, $"Must be at most {maximum}.");
        }
    }

    private static bool IsOfType(JsonElement type, JsonElement value) =>
        type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Any(option => IsOfType(option, value))
            : type.GetString() switch
            {
                "object" => value.ValueKind == JsonValueKind.Object,
                "array" => value.ValueKind == JsonValueKind.Array,
                "string" => value.ValueKind == JsonValueKind.String,
                "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
                "null" => value.ValueKind == JsonValueKind.Null,
                "number" => value.ValueKind == JsonValueKind.Number,
                "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
                var other => throw new InvalidOperationException($"A schema names the unknown type {other}."),
            };

    private static string DescribeType(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? string.Join(
            " or ", type.EnumerateArray().Select(option => option.GetString())) : type.GetString()!;

    private static void Add(Dictionary<string, List<string>> errors, string path, string message)
    {
        if (!errors.TryGetValue(path, out var messages))
        {
            errors.Add(path, messages = []);
        }

        messages.Add(message);
    }
}
