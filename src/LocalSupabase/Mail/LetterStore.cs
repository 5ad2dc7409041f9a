using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Mail;

/// <summary>Keeps mails in <c>mail.letters</c>, on a connection that the caller owns.</summary>
internal static class LetterStore
{
    public const string Channel = "mail_letters";

    private const string Columns = "id, kind, sender, recipient, subject, text_body, html_body, created_at";

    /// <summary>
    /// Stores a mail, to be delivered or to stay in the inbox. It leaves when, and only if, the transaction commits: that is when the
    /// notice is given.
    /// </summary>
    public static Task PutAsync(
        this NpgsqlConnection connection, Letter letter, bool isToBeDelivered, CancellationToken cancellationToken) =>
        connection.Command(
            $"""
            insert into mail.letters ({Columns}, next_attempt_at) values (@id, @kind, @sender, @to, @subject, @text, @html, @now, @due)
            on conflict (id) do nothing;
            select pg_notify('{Channel}', '')
            """,
            ("id", letter.Id), ("kind", letter.Kind.ToString()), ("sender", letter.Sender), ("to", letter.Recipient),
            ("subject", letter.Subject), ("text", letter.Text), ("html", letter.Html), ("now", letter.CreatedAt),
            ("due", isToBeDelivered ? letter.CreatedAt : null))
            .ExecuteAsync(cancellationToken);

    /// <summary>Forgets all of the inbox but the newest.</summary>
    public static Task KeepNewestAsync(this NpgsqlConnection connection, int count, CancellationToken cancellationToken) =>
        connection.Command(
            """
            delete from mail.letters l using (
              select created_at, id from mail.letters where next_attempt_at is null
              order by created_at desc, id desc offset @count limit 1) as oldest
            where l.next_attempt_at is null and (l.created_at, l.id) <= (oldest.created_at, oldest.id)
            """,
            ("count", count)).ExecuteAsync(cancellationToken);

    /// <summary>The newest mails first, to everybody or to one address.</summary>
    public static Task<List<Letter>> NewestAsync(
        this NpgsqlConnection connection, string? recipient, int limit, CancellationToken cancellationToken) =>
        connection.Command(
            $"""
            select {Columns} from mail.letters where next_attempt_at is null and (@to::text is null or recipient = @to::text)
            order by created_at desc, id desc limit @limit
            """,
            ("to", recipient?.ToLowerInvariant()), ("limit", limit)).ListAsync(Read, cancellationToken);

    /// <summary>Takes the next mail that is due, for as long as the lease lasts. Nobody else gets it meanwhile.</summary>
    public static Task<DueLetter?> TakeDueAsync(
        this NpgsqlConnection connection, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        connection.Command(
            $"""
            update mail.letters set attempts = attempts + 1, next_attempt_at = @until
            where id = (select id from mail.letters where next_attempt_at <= @now order by next_attempt_at for update skip locked limit 1)
            returning {Columns}, attempts
            """,
            ("now", now), ("until", now + lease))
            .FirstAsync(reader => new DueLetter(Read(reader), reader.GetInt32(reader.GetOrdinal("attempts"))), cancellationToken);

    public static Task PostponeAsync(
        this NpgsqlConnection connection, Guid id, DateTimeOffset until, CancellationToken cancellationToken) =>
        connection.Command("update mail.letters set next_attempt_at = @until where id = @id", ("id", id), ("until", until))
            .ExecuteAsync(cancellationToken);

    /// <summary>Forgets what was written to these addresses.</summary>
    public static Task<int> ForgetLettersAsync(
        this NpgsqlConnection connection, IEnumerable<string?> addresses, CancellationToken cancellationToken) =>
        connection.Command(
            "delete from mail.letters where recipient = any (@addresses)",
            ("addresses", addresses.Where(address => !string.IsNullOrEmpty(address)).ToArray())).ExecuteAsync(cancellationToken);

    public static Task DropAsync(this NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.Command("delete from mail.letters where id = @id", ("id", id)).ExecuteAsync(cancellationToken);

    private static Letter Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), Enum.Parse<MailKind>(reader.GetString(1)), reader.GetString(2), reader.GetString(3), reader.GetString(4),
        reader.GetString(5), reader.GetString(6), reader.GetFieldValue<DateTimeOffset>(7));
}

/// <summary>A mail that is being sent, and for the how-manieth time.</summary>
internal sealed record DueLetter(Letter Letter, int Attempts);
