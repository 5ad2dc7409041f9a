using System.ComponentModel.DataAnnotations;

namespace Platform.Host.Mail;

/// <summary>The mail server beside a Supabase project, whose own sends sign-in mails alone.</summary>
internal sealed class MailOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Mail";

    /// <summary>The mail server; without one mails are refused.</summary>
    public string? Host { get; set; }

    /// <summary>Its port. 465 speaks TLS at once; on any other TLS is begun where the server offers it.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>Who signs in to the mail server.</summary>
    public string? User { get; set; }

    /// <summary>The password of that user.</summary>
    public string? Password { get; set; }

    /// <summary>The address that mails come from.</summary>
    [EmailAddress]
    public string? Sender { get; set; }

    /// <summary>The name beside that address.</summary>
    public string? SenderName { get; set; }
}
