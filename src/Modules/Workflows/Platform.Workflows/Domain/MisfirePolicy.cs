namespace Platform.Workflows.Domain;

/// <summary>What becomes of ticks that nobody was there to run.</summary>
internal enum MisfirePolicy
{
    /// <summary>They are left out.</summary>
    Skip,

    /// <summary>The last of them runs, for all.</summary>
    Once,

    /// <summary>Each of them runs, up to <see cref="CronSchedule.MostMissed"/>.</summary>
    All,
}

/// <summary>The policies by their names in the API.</summary>
internal static class MisfirePolicies
{
    /// <summary>How late a tick may be and still be on time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    /// <summary>The policy of a name; null where there is none. No name means <see cref="MisfirePolicy.Once"/>.</summary>
    public static MisfirePolicy? Find(string? name) => name switch
    {
        null or "once" => MisfirePolicy.Once,
        "skip" => MisfirePolicy.Skip,
        "all" => MisfirePolicy.All,
        _ => null,
    };
}
