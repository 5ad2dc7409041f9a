using System.ComponentModel.DataAnnotations;

namespace Platform.LocalSupabase.Auth.Options;

/// <summary>The mail server. Without a host mails are kept in the inbox of this server instead.</summary>
public sealed class SmtpOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Auth:Smtp";

    /// <summary>The mail server; without one mails stay here and are read at /inbox.</summary>
    public string? Host { get; init; }

    /// <summary>Its port. 465 speaks TLS at once; on any other TLS is begun where the server offers it.</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 587;

    /// <summary>Who signs in to the mail server.</summary>
    public string? User { get; init; }

    /// <summary>The password of that user.</summary>
    public string? Password { get; init; }

    /// <summary>The address that mails come from.</summary>
    [EmailAddress]
    public string? Sender { get; init; }

    /// <summary>The name beside that address.</summary>
    public string? SenderName { get; init; }

    internal bool IsConfigured => !string.IsNullOrEmpty(Host);
}
