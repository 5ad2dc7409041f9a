using System.Net;
using Platform.LocalSupabase.Auth;

namespace Platform.LocalSupabase.Mail;

/// <summary>Takes mails of the host: they go to the configured mail server, or stay in the inbox.</summary>
/// <param name="options">Where mails come from and go to.</param>
/// <param name="services">Finds the database.</param>
/// <param name="clock">The time.</param>
public sealed class LocalMailbox(LocalSupabaseOptions options, IServiceProvider services, TimeProvider clock)
{
    /// <summary>Keeps a mail until it is delivered or read. One that is there already, by its id, stays as it is.</summary>
    /// <param name="id">The mail's id.</param>
    /// <param name="recipient">The address.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">The plain text.</param>
    /// <param name="html">The same as HTML; null to make it from the text.</param>
    /// <param name="files">Files that go with it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it is stored.</returns>
    public async Task PutAsync(
        Guid id, string recipient, string subject, string text, string? html, IReadOnlyList<LetterFile> files, CancellationToken cancellationToken)
    {
        var database = (AuthDatabase)services.GetService(typeof(AuthDatabase))!;
        await using var connection = await database.OpenAsync(cancellationToken);
        // It leaves when the transaction commits, with its files.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.PutAsync(
            new Letter(
                id, MailKind.Notification, options.Auth.Smtp.Sender ?? LetterWriter.LocalSender, recipient.ToLowerInvariant(), subject, text,
                html ?? $"<pre>{WebUtility.HtmlEncode(text)}</pre>", clock.GetUtcNow()),
            options.Auth.Smtp.IsConfigured,
            cancellationToken);
        await connection.AttachAsync(id, files, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await connection.KeepNewestAsync(Inbox.Capacity, cancellationToken);
    }
}
