using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.Chat.Providers;

/// <summary>
/// What the offline model answers to a prompt that is no conversation: its first sentences, or a value of the schema that is asked for.
/// The value is the first JSON in the prompt with the members that the schema names; what is not found there is the least that fits its type.
/// </summary>
internal static class OfflinePrompt
{
    private const int Sentences = 2;
    private const int MaxTextLength = 400;
    private const int MaxDepth = 8;

    /// <summary>The first sentences of a prompt.</summary>
    public static string Digest(string prompt)
    {
        var text = string.Join(' ', prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var end = 0;
        for (var sentence = 0; sentence < Sentences && end < text.Length; sentence++)
        {
            var next = text.IndexOfAny(['.', '!', '?'], end);
            end = next < 0 ? text.Length : next + 1;
        }

        return end > MaxTextLength ? text[..MaxTextLength] : text[..end];
    }

    /// <summary>A value that fits a schema, as JSON text.</summary>
    public static string Value(string prompt, JsonElement schema) =>
        (Fit(schema, FirstJsonOf(prompt), prompt, 0) ?? JsonValue.Create((string?)null))?.ToJsonString() ?? "null";

    private static JsonNode? Fit(JsonElement schema, JsonNode? found, string prompt, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            return found?.DeepClone();
        }

        if (schema.TryGetProperty("const", out var only))
        {
            return JsonSerializer.SerializeToNode(only);
        }

        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0)
        {
            var named = choices.EnumerateArray().FirstOrDefault(choice => found is not null
                ? JsonNode.DeepEquals(JsonSerializer.SerializeToNode(choice), found)
                : choice.ValueKind == JsonValueKind.String && prompt.Contains(choice.GetString()!, StringComparison.OrdinalIgnoreCase));
            return JsonSerializer.SerializeToNode(named.ValueKind == JsonValueKind.Undefined ? choices[0] : named);
        }

        return TypeOf(schema) switch
        {
            "object" => FitObject(schema, found as JsonObject, prompt, depth),
            "array" => FitArray(schema, found as JsonArray, prompt, depth),
            "string" => FitText(schema, found, prompt),
            "integer" => found is JsonValue whole && whole.TryGetValue<long>(out _) ? whole.DeepClone() : LeastOf(schema),
            "number" => found?.GetValueKind() == JsonValueKind.Number ? found.DeepClone() : LeastOf(schema),
            "boolean" => found?.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? found.DeepClone() : false,
            "null" => null,
            _ => found?.DeepClone(),
        };
    }

    private static JsonObject FitObject(JsonElement schema, JsonObject? found, string prompt, int depth)
    {
        var value = new JsonObject();
        if (schema.TryGetProperty("properties", out var members) && members.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in members.EnumerateObject())
            {
                value[member.Name] = Fit(member.Value, found?[member.Name], prompt, depth + 1);
            }
        }

        return value;
    }

    private static JsonArray FitArray(JsonElement schema, JsonArray? found, string prompt, int depth)
    {
        var item = schema.TryGetProperty("items", out var items) ? items : default;
        var least = schema.TryGetProperty("minItems", out var given) && given.TryGetInt32(out var count) ? Math.Min(count, 100) : 0;
        var values = (found ?? []).Select(value => Fit(item, value, prompt, depth + 1)).ToList();
        while (values.Count < least)
        {
            values.Add(Fit(item, null, prompt, depth + 1));
        }

        return new JsonArray([.. values]);
    }

    private static JsonNode FitText(JsonElement schema, JsonNode? found, string prompt)
    {
        var text = found is JsonValue value && value.TryGetValue<string>(out var given) ? given : Digest(prompt);
        return schema.TryGetProperty("maxLength", out var most) && most.TryGetInt32(out var length) && text.Length > length
            ? text[..length]
            : text;
    }

    private static JsonNode LeastOf(JsonElement schema) =>
        schema.TryGetProperty("minimum", out var least) && least.ValueKind == JsonValueKind.Number ? JsonSerializer.SerializeToNode(least)! : 0;

    private static string? TypeOf(JsonElement schema) => !schema.TryGetProperty("type", out var type)
        ? schema.TryGetProperty("properties", out _) ? "object" : null
        : type.ValueKind switch
        {
            JsonValueKind.String => type.GetString(),
            JsonValueKind.Array when type.GetArrayLength() > 0 => type[0].GetString(),
            _ => null,
        };

    private static JsonNode? FirstJsonOf(string prompt)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(prompt);
        for (var start = bytes.AsSpan().IndexOfAny((byte)'{', (byte)'['); start >= 0 && start < bytes.Length;)
        {
            try
            {
                var reader = new Utf8JsonReader(bytes.AsSpan(start));
                return JsonNode.Parse(ref reader);
            }
            catch (JsonException)
            {
                var next = bytes.AsSpan(start + 1).IndexOfAny((byte)'{', (byte)'[');
                start = next < 0 ? -1 : start + 1 + next;
            }
        }

        return null;
    }
}
