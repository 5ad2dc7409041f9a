using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Platform.Workflows.Expressions;

/// <summary>
/// Values with <c>{{ … }}</c> in them. A text that is one expression becomes the expression's value with its type; expressions within text
/// become text.
/// </summary>
internal static partial class Template
{
    /// <summary>The expression of a member that is one, with or without braces.</summary>
    public static string Unwrap(string text) =>
        Whole().Match(text) is { Success: true } match ? match.Groups[1].Value.Trim() : text.Trim();

    /// <summary>Every expression in a document, and where.</summary>
    public static IEnumerable<(string Path, string Expression)> ExpressionsIn(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.String => Part().Matches(value.GetString()!).Select(match => (path, match.Groups[1].Value.Trim())),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => ExpressionsIn(member.Value, $"{path}.{member.Name}")),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, index) => ExpressionsIn(item, $"{path}[{index}]")),
        _ => [],
    };

    /// <summary>The document with its expressions evaluated.</summary>
    public static JsonNode? Evaluate(JsonElement value, Func<string, JsonNode?> evaluate) => value.ValueKind switch
    {
        JsonValueKind.String => EvaluateText(value.GetString()!, evaluate),
        JsonValueKind.Object => new JsonObject(value.EnumerateObject()
            .Select(member => KeyValuePair.Create(member.Name, Evaluate(member.Value, evaluate)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(item => Evaluate(item, evaluate))]),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value.Clone()),
    };

    private static JsonNode? EvaluateText(string text, Func<string, JsonNode?> evaluate)
    {
        var parts = Part().Matches(text);
        if (parts.Count == 0)
        {
            return JsonValue.Create(text);
        }

        if (parts.Count == 1 && Whole().IsMatch(text))
        {
            return evaluate(parts[0].Groups[1].Value.Trim())?.DeepClone();
        }

        var result = new StringBuilder();
        var end = 0;
        foreach (Match part in parts)
        {
            result.Append(text, end, part.Index - end).Append(ToText(evaluate(part.Groups[1].Value.Trim())));
            end = part.Index + part.Length;
        }

        return JsonValue.Create(result.Append(text, end, text.Length - end).ToString());
    }

    private static string ToText(JsonNode? value) =>
        value is null ? "" : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    [GeneratedRegex(@"\{\{(.*?)\}\}", RegexOptions.Singleline)]
    private static partial Regex Part();

    [GeneratedRegex(@"^\s*\{\{((?:(?!\}\}).)*)\}\}\s*$", RegexOptions.Singleline)]
    private static partial Regex Whole();
}
