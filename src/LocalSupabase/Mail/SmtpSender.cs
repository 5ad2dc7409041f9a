using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MimeKit;
using Npgsql;
using Platform.LocalSupabase.Auth;

namespace Platform.LocalSupabase.Mail;

/// <summary>
/// Delivers stored mails by SMTP, outside any request and any transaction: a slow mail server delays nobody, and the time of an answer
/// does not tell whether there was a mail. A mail that cannot be delivered is tried again, later and later, then given up.
/// </summary>
internal sealed class SmtpSender(LocalSupabaseOptions options, AuthDatabase database, TimeProvider clock, ILogger<SmtpSender> logger)
    : BackgroundService
{
    private const int MaxAttempts = 6;
    private const int ImplicitTlsPort = 465;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Auth.Smtp.IsConfigured)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WatchAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException && !stoppingToken.IsCancellationRequested)
            {
                logger.MailQueueFailed(exception);
                await Task.Delay(LongestSilence, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        await using var connection = await database.OpenAsync(stoppingToken);
        await using (var listen = new NpgsqlCommand($"listen {LetterStore.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }

        while (true)
        {
            while (await connection.TakeDueAsync(clock.GetUtcNow(), Lease, stoppingToken) is { } due)
            {
                await DeliverAsync(connection, due, stoppingToken);
            }

            await connection.WaitAsync(LongestSilence, stoppingToken);
        }
    }

    private async Task DeliverAsync(NpgsqlConnection connection, DueLetter due, CancellationToken stoppingToken)
    {
        try
        {
            await SendAsync(due.Letter, await connection.FilesOfAsync(due.Letter.Id, stoppingToken), stoppingToken);
            await connection.DropAsync(due.Letter.Id, stoppingToken);
        }
        catch (Exception exception) when (IsOfTheMailServer(exception) && !stoppingToken.IsCancellationRequested)
        {
            logger.MailNotDelivered(exception, due.Letter.Id, due.Attempts);
            var pause = TimeSpan.FromSeconds(5 * Math.Pow(4, due.Attempts));
            await (due.Attempts >= MaxAttempts
                ? connection.DropAsync(due.Letter.Id, stoppingToken)
                : connection.PostponeAsync(due.Letter.Id, clock.GetUtcNow() + pause, stoppingToken));
        }
    }

    private static bool IsOfTheMailServer(Exception exception) =>
        exception is IOException or System.Net.Sockets.SocketException or ProtocolException or CommandException or AuthenticationException
            or SslHandshakeException or ServiceNotConnectedException or OperationCanceledException or TimeoutException or ParseException;

    private async Task SendAsync(Letter letter, List<LetterFile> files, CancellationToken cancellationToken)
    {
        var smtp = options.Auth.Smtp;
        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress(smtp.SenderName ?? "", letter.Sender));
        message.To.Add(new MailboxAddress("", letter.Recipient));
        message.Subject = letter.Subject;
        var body = new BodyBuilder { TextBody = letter.Text, HtmlBody = letter.Html };
        files.ForEach(file => body.Attachments.Add(file.Name, file.Content.ToArray(), ContentType.Parse(file.MediaType)));
        message.Body = body.ToMessageBody();

        using var client = new SmtpClient { Timeout = 30_000 };
        await client.ConnectAsync(
            smtp.Host!,
            smtp.Port,
            smtp.Port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable,
            cancellationToken);
        if (!string.IsNullOrEmpty(smtp.User))
        {
            await client.AuthenticateAsync(smtp.User, smtp.Password ?? "", cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }
}
