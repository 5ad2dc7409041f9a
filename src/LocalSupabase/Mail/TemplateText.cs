using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Platform.LocalSupabase.Mail.Templates;

namespace Platform.LocalSupabase.Mail;

/// <summary>Fills templates for where their text will stand, and makes text of HTML.</summary>
internal static partial class TemplateText
{
    public static string FillHtml(string template, JsonObject variables) =>
        Fill(template, variables, value => WebUtility.HtmlEncode(value));

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

    private static string Fill(string template, JsonObject variables, Func<string, string> encode) =>
        MailTemplate.Parse(template).Fill(variables, encode);

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
