using System.Text.Json.Nodes;
using Platform.LocalSupabase.Auth.Options;

namespace Platform.LocalSupabase.Mail;

/// <summary>Writes mails from the configured templates, or in plain English.</summary>
internal sealed class LetterWriter(LocalSupabaseOptions options, TimeProvider clock)
{
    public const string LocalSender = "noreply@localhost";

    public Letter Write(MailKind kind, string recipient, JsonObject variables)
    {
        var template = TemplateOf(kind);
        var (subject, body) = Default(kind);
        var now = clock.GetUtcNow();
        var html = TemplateText.FillHtml(template.Body ?? body, variables);
        return new Letter(
            Guid.CreateVersion7(now),
            kind,
            options.Auth.Smtp.Sender ?? LocalSender,
            recipient.ToLowerInvariant(),
            TemplateText.FillSubject(template.Subject ?? subject, variables),
            template.Text is null ? TemplateText.ToText(html) : TemplateText.FillText(template.Text, variables),
            html,
            now);
    }

    private MailTemplateOptions TemplateOf(MailKind kind) => kind switch
    {
        MailKind.Confirmation => options.Auth.Templates.Confirmation,
        MailKind.Recovery => options.Auth.Templates.Recovery,
        MailKind.MagicLink => options.Auth.Templates.MagicLink,
        MailKind.EmailChange => options.Auth.Templates.EmailChange,
        MailKind.Invite => options.Auth.Templates.Invite,
        _ => options.Auth.Templates.Reauthentication,
    };

    private static (string Subject, string Body) Default(MailKind kind) => kind switch
    {
        MailKind.Confirmation => ("Confirm your address", Linked(
            "Welcome", "Follow the link to confirm {{ .Email }}.", "Confirm the address")),
        MailKind.Recovery => ("Set a new password", Linked("New password", "Follow the link to set a new password.", "Set a new password")),
        MailKind.MagicLink => ("Your sign-in link", Linked("Sign in", "Follow the link to sign in.", "Sign in")),
        MailKind.EmailChange => ("Confirm your new address", Linked(
            "New address", "Follow the link to change your address from {{ .Email }} to {{ .NewEmail }}.", "Change the address")),
        MailKind.Invite => ("You are invited", Linked("Invitation", "You are invited to {{ .SiteURL }}.", "Accept the invitation")),
        _ => ("Confirm that it is you", "<h2>Confirm that it is you</h2>\n<p>Enter the code: {{ .Token }}</p>"),
    };

    private static string Linked(string title, string sentence, string label) =>
        $$$"""
        <h2>{{{title}}}</h2>
        <p>{{{sentence}}}</p>
        <p><a href="{{ .ConfirmationURL }}">{{{label}}}</a></p>
        <p>Or enter the code: {{ .Token }}</p>
        """;
}
