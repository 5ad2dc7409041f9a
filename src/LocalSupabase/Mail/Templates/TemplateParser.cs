using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Mail.Templates;

/// <summary>Reads a template from its beginning to its end.</summary>
internal sealed partial class TemplateParser
{
    private readonly List<(bool IsAction, string Text)> _tokens = [];
    private int _next;

    private TemplateParser(string text)
    {
        var place = 0;
        foreach (Match match in Action().Matches(text))
        {
            _tokens.Add((false, text[place..match.Index]));
            _tokens.Add((true, match.Groups["action"].Value.Trim()));
            place = match.Index + match.Length;
        }

        _tokens.Add((false, text[place..]));
    }

    public static IReadOnlyList<TemplatePart> Parse(string text)
    {
        var parser = new TemplateParser(text);
        var parts = parser.ReadParts();
        return parser._next == parser._tokens.Count
            ? parts
            : throw new TemplateException($"{{{{ {parser._tokens[parser._next].Text} }}}} stands outside a condition");
    }

    // Until the end, or an action that belongs to the condition around.
    private List<TemplatePart> ReadParts()
    {
        var parts = new List<TemplatePart>();
        while (_next < _tokens.Count)
        {
            var (isAction, text) = _tokens[_next];
            if (isAction && FirstWord(text) is "end" or "else")
            {
                return parts;
            }

            _next++;
            if (!isAction)
            {
                parts.Add(new TemplatePart.Text(text));
            }
            else if (FirstWord(text) == "if")
            {
                parts.Add(ReadBranch(text["if".Length..]));
            }
            else if (!text.StartsWith("/*", StringComparison.Ordinal))
            {
                parts.Add(new TemplatePart.Value(TemplateExpression.Parse(text)));
            }
        }

        return parts;
    }

    private TemplatePart.Branch ReadBranch(string condition)
    {
        var arms = new List<TemplatePart.Arm>();
        var decisive = TemplateExpression.Parse(condition);
        for (TemplateExpression? current = decisive; ;)
        {
            arms.Add(new TemplatePart.Arm(current, ReadParts()));
            var action = _next < _tokens.Count ? _tokens[_next++].Text : throw new TemplateException("a condition has no {{ end }}");
            if (FirstWord(action) == "end")
            {
                return new TemplatePart.Branch(arms);
            }

            if (current is null)
            {
                throw new TemplateException("{{ else }} stands behind {{ else }}");
            }

            current = ConditionOf(action["else".Length..].Trim());
        }
    }

    private static TemplateExpression? ConditionOf(string rest) => rest.Length == 0 ? null
        : FirstWord(rest) == "if" ? TemplateExpression.Parse(rest["if".Length..])
        : throw new TemplateException($"{{{{ else {rest} }}}} is not known");

    private static string FirstWord(string text)
    {
        var end = text.AsSpan().IndexOfAny(" \t\r\n(");
        return end < 0 ? text : text[..end];
    }

    // A dash beside a brace takes away the space on that side of the action.
    [GeneratedRegex(
        @"(\s*\{\{-\s|\{\{)(?<action>[^}]*?)(\s-\}\}\s*|\}\})",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Action();
}
