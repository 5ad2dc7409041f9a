using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Mail;

/// <summary>Fills GoTrue's template variables, <c>{{ .Name }}</c> and <c>{{ .Data.name }}</c>. An unknown one is empty.</summary>
internal static partial class TemplateText
{
    public static string FillHtml(string template, JsonObject variables) => Fill(template, variables, WebUtility.HtmlEncode);

    public static string FillText(string template, JsonObject variables) => Fill(template, variables, value => value);

    /// <summary>One line: a value must not add a header to the mail.</summary>
    public static string FillSubject(string template, JsonObject variables) =>
        Fill(template, variables, value => string.Concat(value.Select(letter => char.IsControl(letter) ? ' ' : letter)));

    /// <summary>The HTML as plain text, with the addresses of its links.</summary>
    public static string ToText(string html)
    {
        var linked = Link().Replace(html, match => $"{match.Groups["label"].Value} {match.Groups["url"].Value} ");
        var broken = LineEnd().Replace(linked, "\n");
        return BlankLines().Replace(WebUtility.HtmlDecode(Tag().Replace(broken, "")), "\n\n").Trim();
    }

    private static string Fill(string template, JsonObject variables, Func<string, string?> encode) =>
        Variable().Replace(template, match => encode(Find(variables, match.Groups["path"].Value)) ?? "");

    private static string Find(JsonNode? value, string path)
    {
        foreach (var name in path.Split('.'))
        {
            value = value is JsonObject parent && parent.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : value?.ToJsonString() ?? "";
    }

    [GeneratedRegex(@"\{\{-?\s*\.(?<path>\w+(\.\w+)*)\s*-?\}\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();

    [GeneratedRegex(
        """<a\s[^>]*href\s*=\s*["'](?<url>[^"']*)["'][^>]*>(?<label>[^<]*)</a>""",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(
        @"<br\s*/?>|</(p|div|h[1-6]|li|tr)>", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LineEnd();

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"[ \t]*\n\s*\n\s*", RegexOptions.NonBacktracking)]
    private static partial Regex BlankLines();
}
