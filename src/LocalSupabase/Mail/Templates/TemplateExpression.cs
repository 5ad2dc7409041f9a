using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Mail.Templates;

/// <summary>What stands in an action: a variable, a constant, or a function of such.</summary>
internal sealed partial class TemplateExpression
{
    private static readonly Dictionary<string, Func<JsonNode?[], JsonNode?>> Functions = new(StringComparer.Ordinal)
    {
        ["eq"] = values => values.Skip(1).Any(other => TextOf(other) == TextOf(values[0])),
        ["ne"] = values => TextOf(values[0]) != TextOf(values[^1]),
        ["not"] = values => !IsTrue(values[0]),
        ["and"] = values => values.FirstOrDefault(value => !IsTrue(value), values[^1]),
        ["or"] = values => values.FirstOrDefault(IsTrue, values[^1]),
    };

    private readonly Func<JsonObject, JsonNode?> _evaluate;

    private TemplateExpression(Func<JsonObject, JsonNode?> evaluate) => _evaluate = evaluate;

    /// <exception cref="TemplateException">It is no expression that is known here.</exception>
    public static TemplateExpression Parse(string text)
    {
        var words = new Queue<string>(Words().Matches(text).Select(match => match.Value));
        if (words.Sum(word => word.Length) != text.Count(letter => !char.IsWhiteSpace(letter)) + words.Sum(SpacesIn))
        {
            throw NotKnown(text);
        }

        var evaluate = ReadCall(words, text);
        return words.Count == 0 ? new TemplateExpression(evaluate) : throw NotKnown(text);
    }

    public bool IsTrue(JsonObject variables) => IsTrue(_evaluate(variables));

    public string TextOf(JsonObject variables) => TextOf(_evaluate(variables));

    private static int SpacesIn(string word) => word.Count(char.IsWhiteSpace);

    private static Func<JsonObject, JsonNode?> ReadCall(Queue<string> words, string text)
    {
        if (!words.TryPeek(out var name) || !Functions.TryGetValue(name, out var function))
        {
            return ReadOperand(words, text);
        }

        words.Dequeue();
        var operands = new List<Func<JsonObject, JsonNode?>>();
        while (words.Count > 0 && words.Peek() != ")")
        {
            operands.Add(ReadOperand(words, text));
        }

        return operands.Count >= (name == "not" ? 1 : 2) && (operands.Count == 1 || name != "not")
            ? variables => function([.. operands.Select(operand => operand(variables))])
            : throw NotKnown(text);
    }

    private static Func<JsonObject, JsonNode?> ReadOperand(Queue<string> words, string text)
    {
        var word = words.TryDequeue(out var next) ? next : throw NotKnown(text);
        if (word == "(")
        {
            var inner = ReadCall(words, text);
            return words.TryDequeue(out var close) && close == ")" ? inner : throw NotKnown(text);
        }

        if (word[0] == '.')
        {
            var path = word[1..].Split('.');
            return variables => Find(variables, path);
        }

        JsonNode? constant = word[0] switch
        {
            '"' => JsonNode.Parse(word),
            '`' => word[1..^1],
            _ => word is "true" or "false" ? word == "true"
                : decimal.TryParse(word, CultureInfo.InvariantCulture, out var number) ? number
                : throw NotKnown(text),
        };
        return _ => constant;
    }

    private static JsonNode? Find(JsonNode? value, string[] path)
    {
        foreach (var name in path)
        {
            value = value is JsonObject parent && parent.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return value;
    }

    private static string TextOf(JsonNode? value) => value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text
        : value?.ToJsonString() ?? "";

    // As in Go: false, zero and whatever is empty is not true.
    private static bool IsTrue(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.String => value.GetValue<string>().Length > 0,
        JsonValueKind.Number => value.ToJsonString() is not ("0" or "0.0"),
        JsonValueKind.Array => value.AsArray().Count > 0,
        JsonValueKind.Object => value.AsObject().Count > 0,
        _ => true,
    };

    private static TemplateException NotKnown(string text) => new($"{{{{ {text.Trim()} }}}} is not known");

    [GeneratedRegex(
        """(\.\w+)+|"([^"\\]|\\.)*"|`[^`]*`|[()]|\w+(\.\w+)?""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();
}
