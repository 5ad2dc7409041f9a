namespace Platform.SharedKernel.Infrastructure.Mail;

/// <summary>The way out for mails: the embedded mode's own, or a mail server.</summary>
public interface IMailer
{
    /// <summary>Hands a mail over. The same mail again, by its id, is not delivered twice where the way out can tell.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it was taken.</returns>
    /// <exception cref="MailException">It was not taken.</exception>
    Task SendAsync(OutgoingMail mail, CancellationToken cancellationToken);
}
