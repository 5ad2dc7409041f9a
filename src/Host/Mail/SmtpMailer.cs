using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using Platform.SharedKernel.Infrastructure.Mail;

namespace Platform.Host.Mail;

/// <summary>
/// Hands mails to a mail server by SMTP (RFC 5321). The Message-Id is made from the mail's id, so that a mail that was handed over twice
/// can be told by whoever gets it.
/// </summary>
internal sealed class SmtpMailer(IOptions<MailOptions> options, TimeProvider clock) : IMailer
{
    private const int ImplicitTlsPort = 465;
    private const int TimeoutMilliseconds = 30_000;

    public async Task SendAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Sender))
        {
            throw new MailException("mail_not_configured", "No mail server is configured.", isTransient: false);
        }

        try
        {
            using var message = MessageOf(mail, settings, clock.GetUtcNow());
            await HandOverAsync(message, settings, cancellationToken);
        }
        catch (SmtpCommandException exception)
        {
            throw new MailException(
                "mail_refused", "The mail server refused the mail.", isTransient: (int)exception.StatusCode is >= 400 and < 500, exception);
        }
        catch (ParseException exception)
        {
            throw new MailException("mail_refused", "The address cannot be read.", isTransient: false, exception);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or ProtocolException
            or AuthenticationException or SslHandshakeException or ServiceNotConnectedException or TimeoutException)
        {
            throw new MailException("mail_server_unreachable", "The mail server cannot be reached.", isTransient: true, exception);
        }
    }

    private static MimeMessage MessageOf(OutgoingMail mail, MailOptions settings, DateTimeOffset now)
    {
        var body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html };
        foreach (var file in mail.Attachments ?? [])
        {
            body.Attachments.Add(file.Name, file.Content.ToArray(), ContentType.Parse(file.MediaType));
        }

        var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = now,
            MessageId = $"{mail.Id:N}@{settings.Sender!.Split('@')[^1]}",
            Body = body.ToMessageBody(),
        };
        message.From.Add(new MailboxAddress(settings.SenderName ?? "", settings.Sender));
        message.To.Add(new MailboxAddress("", mail.Recipient));
        return message;
    }

    private static async Task HandOverAsync(MimeMessage message, MailOptions settings, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient { Timeout = TimeoutMilliseconds };
        await client.ConnectAsync(
            settings.Host!,
            settings.Port,
            settings.Port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable,
            cancellationToken);
        if (!string.IsNullOrEmpty(settings.User))
        {
            await client.AuthenticateAsync(settings.User, settings.Password ?? "", cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }
}
