namespace Platform.LocalSupabase.Mail;

/// <summary>What a mail is for.</summary>
internal enum MailKind
{
    Confirmation,
    Recovery,
    MagicLink,
    EmailChange,
    Invite,
    Reauthentication,

    /// <summary>Of the host, not of a sign-in.</summary>
    Notification,
}

/// <summary>A mail, written and ready to leave.</summary>
internal sealed record Letter(
    Guid Id, MailKind Kind, string Sender, string Recipient, string Subject, string Text, string Html, DateTimeOffset CreatedAt);
