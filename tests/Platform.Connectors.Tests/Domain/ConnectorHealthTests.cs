using Platform.Connectors.Domain;

namespace Platform.Connectors.Tests.Domain;

public sealed class ConnectorHealthTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(20);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private string _status = ConnectorStatus.Active;
    private ConnectorHealth _health = null!;

    [SetUp]
    public void Create() => (_health, _status) = (new ConnectorHealth(Guid.Empty, Guid.Empty, _now), ConnectorStatus.Active);

    [Test]
    public void One_failure_is_not_enough_and_is_soon_confirmed()
    {
        Assert.That(Check(false), Is.False);
        Assert.That(_health.NextCheckAt - _now, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(Check(false), Is.True);
        Assert.That(_status, Is.EqualTo(ConnectorStatus.Error));
    }

    [Test]
    public void A_hiccup_changes_nothing()
    {
        bool[] found = [false, true, false, true, true, false, true];

        Assert.That(found.Select(Check), Is.All.False);
    }

    [Test]
    public void A_source_that_stays_broken_is_asked_ever_more_rarely()
    {
        var gaps = new List<double>();
        for (var turn = 0; turn < 12; turn++)
        {
            Check(false);
            gaps.Add((_health.NextCheckAt - _now).TotalSeconds);
        }

        Assert.That(gaps[..6], Is.EqualTo([5d, 20, 40, 80, 160, 320]));
        Assert.That(gaps[^1], Is.EqualTo(900));
    }

    [Test]
    public void A_source_that_comes_and_goes_changes_its_status_more_and_more_rarely()
    {
        var changes = 0;
        for (var turn = 0; turn < 120; turn++)
        {
            changes += Check(turn / 3 % 2 == 1) ? 1 : 0;
        }

        Assert.That(changes, Is.InRange(1, 4));
    }

    [Test]
    public void The_first_answer_of_a_new_source_counts()
    {
        _status = ConnectorStatus.Pending;

        Assert.That(Check(true), Is.True);
        Assert.That(_status, Is.EqualTo(ConnectorStatus.Active));
    }

    private bool Check(bool ok)
    {
        _now = _health.NextCheckAt > _now ? _health.NextCheckAt : _now;
        var changes = _health.Record(ok, ok ? "ok" : "connection_refused", _status, Period, _now);
        _status = !changes ? _status : ok ? ConnectorStatus.Active : ConnectorStatus.Error;
        return changes;
    }
}
