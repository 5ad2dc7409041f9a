using Platform.LocalSupabase.Mail.Templates;

namespace Platform.LocalSupabase.Auth.Options;

/// <summary>Subjects and bodies of the mails. What is left out is said in plain English.</summary>
public sealed class MailTemplatesOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Auth:Templates";

    /// <summary>Asks a new user to confirm the address: Subject, Body (HTML) and Text.</summary>
    public MailTemplateOptions Confirmation { get; init; } = new();

    /// <summary>Lets a user who forgot the password in.</summary>
    public MailTemplateOptions Recovery { get; init; } = new();

    /// <summary>Signs in without a password.</summary>
    public MailTemplateOptions MagicLink { get; init; } = new();

    /// <summary>Confirms a new address, at the old one and the new one.</summary>
    public MailTemplateOptions EmailChange { get; init; } = new();

    /// <summary>Invites somebody.</summary>
    public MailTemplateOptions Invite { get; init; } = new();

    /// <summary>Carries the nonce of a password change.</summary>
    public MailTemplateOptions Reauthentication { get; init; } = new();

    /// <summary>What is wrong with the templates, by setting.</summary>
    internal IEnumerable<string> Problems()
    {
        foreach (var (name, template) in new[]
            {
                (nameof(Confirmation), Confirmation), (nameof(Recovery), Recovery), (nameof(MagicLink), MagicLink),
                (nameof(EmailChange), EmailChange), (nameof(Invite), Invite), (nameof(Reauthentication), Reauthentication),
            })
        {
            foreach (var (part, text) in new[] { ("Subject", template.Subject), ("Body", template.Body), ("Text", template.Text) })
            {
                if (ProblemOf(text ?? "") is { } problem)
                {
                    yield return $"{SectionName}:{name}:{part} cannot be read: {problem}.";
                }
            }
        }
    }

    private static string? ProblemOf(string text)
    {
        try
        {
            MailTemplate.Parse(text);
            return null;
        }
        catch (TemplateException exception)
        {
            return exception.Message;
        }
    }
}
