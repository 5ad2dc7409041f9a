using System.Text;
using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Mail.Templates;

/// <summary>
/// A template as GoTrue's users write them, in the part of Go's template language that mails need: <c>{{ .Name }}</c>,
/// <c>{{ .Data.name }}</c>, comments, and <c>{{ if }}</c>, <c>{{ else if }}</c>, <c>{{ else }}</c>, <c>{{ end }}</c> with <c>eq</c>,
/// <c>ne</c>, <c>not</c>, <c>and</c>, <c>or</c>. A variable that is not known is empty.
/// </summary>
internal sealed class MailTemplate
{
    private readonly IReadOnlyList<TemplatePart> _parts;

    private MailTemplate(IReadOnlyList<TemplatePart> parts) => _parts = parts;

    /// <exception cref="TemplateException">The text has an action that is not known, or a condition that never ends.</exception>
    public static MailTemplate Parse(string text) => new(TemplateParser.Parse(text));

    /// <summary>The text with the variables in it.</summary>
    /// <param name="variables">The variables by name.</param>
    /// <param name="encode">Makes a value fit for where it stands, such as HTML.</param>
    public string Fill(JsonObject variables, Func<string, string> encode)
    {
        var filled = new StringBuilder();
        foreach (var part in _parts)
        {
            part.AppendTo(filled, variables, encode);
        }

        return filled.ToString();
    }
}
