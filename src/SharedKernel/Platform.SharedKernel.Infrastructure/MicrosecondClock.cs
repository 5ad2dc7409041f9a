namespace Platform.SharedKernel.Infrastructure;

/// <summary>The system's clock in PostgreSQL's resolution, so that a time is the same before and after it was stored.</summary>
internal sealed class MicrosecondClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        var now = System.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
