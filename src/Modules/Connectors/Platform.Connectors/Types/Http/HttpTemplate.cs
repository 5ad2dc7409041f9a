using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.Connectors.Sql;

namespace Platform.Connectors.Types.Http;

/// <summary>Puts values into the <c>{{name}}</c> of an address or a body: escaped, so that a value stays a value.</summary>
internal static partial class HttpTemplate
{
    public static string FillUrl(string template, JsonElement parameters) =>
        Placeholder().Replace(template, match => Uri.EscapeDataString(TextOf(Find(match, parameters))));

    /// <summary>Inside a JSON string the value's text is put in; a string that is one placeholder alone becomes the value itself.</summary>
    public static string FillJson(string template, JsonElement parameters)
    {
        var whole = WholePlaceholder().Replace(template, match => Find(match, parameters).GetRawText());
        return Placeholder().Replace(whole, match => JsonEncodedText.Encode(TextOf(Find(match, parameters))).ToString());
    }

    private static JsonElement Find(Match match, JsonElement parameters) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(match.Groups[1].Value, out var value)
            ? value
            : throw SqlStatement.Invalid($"The parameter {match.Groups[1].Value} has no value.");

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

    [GeneratedRegex(@"\{\{\s*(\w{1,64})\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"""\{\{\s*(\w{1,64})\s*\}\}""", RegexOptions.CultureInvariant)]
    private static partial Regex WholePlaceholder();
}
