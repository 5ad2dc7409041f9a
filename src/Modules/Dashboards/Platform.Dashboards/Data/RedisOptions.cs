namespace Platform.Dashboards.Data;

/// <summary>The Redis that nodes share results through.</summary>
internal sealed class RedisOptions
{
    public const string SectionName = "Redis";

    /// <summary>The servers in StackExchange.Redis's words, such as <c>cache:6379,abortConnect=false</c>; empty for none.</summary>
    public string? Configuration { get; set; }
}
