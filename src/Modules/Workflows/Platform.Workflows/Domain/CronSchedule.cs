using Cronos;

namespace Platform.Workflows.Domain;

/// <summary>
/// When a cron trigger is due: a cron expression on the clock of a time zone. At the change to summer time what falls into the hour that is
/// left out comes right after it; at the change back a fixed time comes once, an interval in both hours.
/// </summary>
internal sealed class CronSchedule
{
    /// <summary>How many ticks are run at most for a time that was missed.</summary>
    public const int MostMissed = 100;

    private const int MaxLength = 120;
    private readonly CronExpression _expression;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(CronExpression expression, TimeZoneInfo zone) => (_expression, _zone) = (expression, zone);

    /// <summary>Reads five fields, or a name as <c>@daily</c>.</summary>
    /// <param name="expression">Minute, hour, day of month, month, day of week.</param>
    /// <param name="timeZone">The IANA name of a zone; null for UTC.</param>
    /// <returns>The schedule; null for an expression or a zone that does not exist.</returns>
    public static CronSchedule? TryRead(string? expression, string? timeZone)
    {
        var zone = TimeZoneInfo.Utc;
        return expression is { Length: > 0 and <= MaxLength }
            && CronExpression.TryParse(expression, out var parsed)
            && (timeZone is null || (timeZone.Length <= MaxLength && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out zone)))
                ? new CronSchedule(parsed, zone!)
                : null;
    }

    /// <summary>The next time after a moment; null if it never comes again.</summary>
    public DateTimeOffset? After(DateTimeOffset moment) => _expression.GetNextOccurrence(moment, _zone)?.ToUniversalTime();

    /// <summary>The times that are due.</summary>
    /// <param name="due">The first that has not been run.</param>
    /// <param name="now">The time.</param>
    /// <param name="misfire">What to do with those that were missed.</param>
    /// <returns>The times to run, in order, at most <see cref="MostMissed"/>, and the one that comes then.</returns>
    public (IReadOnlyList<DateTimeOffset> Run, DateTimeOffset? Next) Due(DateTimeOffset due, DateTimeOffset now, MisfirePolicy misfire)
    {
        var newest = new Queue<DateTimeOffset>();
        DateTimeOffset? next = due;
        for (; next <= now; next = After(next.Value))
        {
            newest.Enqueue(next.Value);
            if (newest.Count > MostMissed)
            {
                newest.Dequeue();
            }
        }

        IReadOnlyList<DateTimeOffset> run = misfire switch
        {
            MisfirePolicy.All => [.. newest],
            MisfirePolicy.Once => [.. newest.TakeLast(1)],
            _ => [.. newest.TakeLast(1).Where(time => now - time <= MisfirePolicies.Grace)],
        };
        return (run, next);
    }
}
