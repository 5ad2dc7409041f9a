using Platform.LocalSupabase.Mail;
using Platform.SharedKernel.Infrastructure.Mail;

namespace Platform.Host.Mail;

/// <summary>The embedded mode's way out: the inbox, or the mail server that sign-in mails take too.</summary>
internal sealed class EmbeddedMailer(LocalMailbox mailbox) : IMailer
{
    public Task SendAsync(OutgoingMail mail, CancellationToken cancellationToken) =>
        mailbox.PutAsync(
            mail.Id, mail.Recipient, mail.Subject, mail.Text, mail.Html,
            [.. (mail.Attachments ?? []).Select(file => new LetterFile(file.Name, file.MediaType, file.Content))], cancellationToken);
}
