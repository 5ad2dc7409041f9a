using System.Globalization;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Tests.Domain;

public sealed class CronScheduleTests
{
    // Europe/Berlin: forward on 2026-03-29 at 02:00 (01:00Z), back on 2026-10-25 at 03:00 (01:00Z).
    // America/New_York: forward on 2026-03-08 at 02:00 (07:00Z), back on 2026-11-01 at 02:00 (06:00Z).
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z")]
    [TestCase("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    [TestCase("0 9 * * *", "Europe/Berlin", "2026-10-24T06:00:00Z", "2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z")]
    [TestCase("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z")]
    [TestCase("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z")]
    [TestCase("30 * * * *", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z")]
    [TestCase("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z")]
    public void Follows_the_clock_of_its_zone(string expression, string zone, string from, string first, string second)
    {
        var schedule = CronSchedule.TryRead(expression, zone)!;

        var next = schedule.After(At(from));
        var then = schedule.After(next!.Value);

        Assert.That((next, then), Is.EqualTo(((DateTimeOffset?)At(first), (DateTimeOffset?)At(second))));
    }

    [TestCase("* * * *", "UTC")]
    [TestCase("61 * * * *", "UTC")]
    [TestCase("* * * * * *", "UTC")]
    [TestCase("", null)]
    [TestCase("0 9 * * *", "Europe/Nowhere")]
    [TestCase("0 9 * * *", "")]
    public void Refuses_what_is_no_schedule(string expression, string? zone) =>
        Assert.That(CronSchedule.TryRead(expression, zone), Is.Null);

    [TestCase("skip", 0)]
    [TestCase("once", 1)]
    [TestCase("all", 3)]
    public void Does_with_missed_ticks_what_its_policy_says(string policy, int expected)
    {
        var schedule = CronSchedule.TryRead("0 * * * *", "UTC")!;

        var (run, next) = schedule.Due(At("2026-05-01T08:00:00Z"), At("2026-05-01T10:30:00Z"), MisfirePolicies.Find(policy)!.Value);

        Assert.That((run.Count, next), Is.EqualTo((expected, (DateTimeOffset?)At("2026-05-01T11:00:00Z"))));
        Assert.That(run.Count == 0 || run[^1] == At("2026-05-01T10:00:00Z"), Is.True);
    }

    [Test]
    public void Runs_a_tick_that_is_on_time_whatever_its_policy()
    {
        var schedule = CronSchedule.TryRead("0 * * * *", "UTC")!;

        var (run, _) = schedule.Due(At("2026-05-01T08:00:00Z"), At("2026-05-01T10:00:59Z"), MisfirePolicy.Skip);

        Assert.That(run, Is.EqualTo(new[] { At("2026-05-01T10:00:00Z") }));
    }

    [Test]
    public void Makes_up_for_a_bounded_number_of_ticks_and_for_the_newest()
    {
        var schedule = CronSchedule.TryRead("* * * * *", "UTC")!;

        var (run, next) = schedule.Due(At("2026-05-01T00:00:00Z"), At("2026-05-03T00:00:30Z"), MisfirePolicy.All);

        Assert.That(run, Has.Count.EqualTo(CronSchedule.MostMissed));
        Assert.That((run[^1], next), Is.EqualTo((At("2026-05-03T00:00:00Z"), (DateTimeOffset?)At("2026-05-03T00:01:00Z"))));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
