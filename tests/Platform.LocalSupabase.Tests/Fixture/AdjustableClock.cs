namespace Platform.LocalSupabase.Tests.Fixture;

/// <summary>The real clock, moved. Delays still take real time, so nothing hangs.</summary>
internal sealed class AdjustableClock : TimeProvider
{
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _offset;

    public void Advance(TimeSpan time) => _offset += time;
}
