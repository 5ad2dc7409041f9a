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
}

/// <summary>One mail, with GoTrue's variables such as <c>{{ .ConfirmationURL }}</c> and <c>{{ .Token }}</c>.</summary>
public sealed class MailTemplateOptions
{
    /// <summary>The subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The body as HTML; variables are escaped.</summary>
    public string? Body { get; init; }

    /// <summary>The body as plain text; made of the HTML if left out.</summary>
    public string? Text { get; init; }
}
