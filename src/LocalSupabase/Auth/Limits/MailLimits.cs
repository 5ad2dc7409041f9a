using Platform.LocalSupabase.Mail;

namespace Platform.LocalSupabase.Auth.Limits;

/// <summary>How often mails leave: for each person and kind, and for everybody together.</summary>
internal sealed class MailLimits(LocalSupabaseOptions options, TokenBuckets buckets, TimeProvider clock)
{
    private const string AllMails = "mails";

    private Rate Hourly => Rate.Of(options.Auth.MailsPerHour, options.Auth.MailsPerHour, TimeSpan.FromHours(1));

    /// <summary>Counts a mail that is about to be sent.</summary>
    public void Take(DateTimeOffset? lastSentAt, int count = 1)
    {
        CheckInterval(lastSentAt, AuthException.TooManyMails);
        for (var mail = 0; mail < count; mail++)
        {
            if (buckets.Take(AllMails, Hourly) > TimeSpan.Zero)
            {
                throw AuthException.TooManyMails();
            }
        }
    }

    /// <summary>A text message to a phone keeps the same interval.</summary>
    public void TakeMessage(DateTimeOffset? lastSentAt) => CheckInterval(lastSentAt, AuthException.TooManyMessages);

    /// <summary>Behaves as if a mail were sent, to an address that gets none: the answer must not tell whether it is known.</summary>
    public void Pretend(string address, MailKind kind)
    {
        var interval = options.Auth.MailInterval;
        if (interval > TimeSpan.Zero && buckets.Take($"{kind} {address}", Rate.Every(interval)) is var wait && wait > TimeSpan.Zero)
        {
            throw AuthException.TooManyMails(wait);
        }

        if (!buckets.HasAny(AllMails, Hourly))
        {
            throw AuthException.TooManyMails();
        }
    }

    private void CheckInterval(DateTimeOffset? lastSentAt, Func<TimeSpan?, AuthException> refuse)
    {
        if (lastSentAt + options.Auth.MailInterval - clock.GetUtcNow() is { } wait && wait > TimeSpan.Zero)
        {
            throw refuse(wait);
        }
    }
}
