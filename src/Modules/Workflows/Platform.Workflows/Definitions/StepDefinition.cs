using System.Text.Json;

namespace Platform.Workflows.Definitions;

/// <summary>A step as its author wrote it.</summary>
internal sealed record StepDefinition(
    string Key,
    string Type,
    IReadOnlyList<string>? DependsOn = null,
    JsonElement? With = null,
    string? When = null,
    string? ForEach = null,
    RetryPolicy? Retry = null,
    int? TimeoutSeconds = null,
    string OnError = StepDefinition.Fail,
    int? Concurrency = null)
{
    public const int MaxConcurrency = 50;
    public const int DefaultConcurrency = 10;
    public const string Fail = "fail";
    public const string Continue = "continue";
    public const int MaxTimeoutSeconds = 3600;
    public const int DefaultTimeoutSeconds = 300;

    public IReadOnlyList<string> Dependencies => DependsOn ?? [];

    /// <summary>The step that takes over when this one fails, or null.</summary>
    public string? ErrorStep => OnError is Fail or Continue ? null : OnError;

    /// <summary>How many items of <c>for_each</c> run at once.</summary>
    public int ItemsAtOnce => Concurrency ?? DefaultConcurrency;

    public TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds ?? DefaultTimeoutSeconds);
}

/// <summary>How often and when a failed step is tried again.</summary>
internal sealed record RetryPolicy(int MaxAttempts = 3, double BackoffSeconds = 2, double Multiplier = 2, double MaxSeconds = 300)
{
    public const int MostAttempts = 20;

    /// <summary>The pause after an attempt, counted from 1: exponential, with equal jitter so that retries spread.</summary>
    public TimeSpan PauseAfter(int attempt, double jitter)
    {
        var pause = Math.Min(MaxSeconds, BackoffSeconds * Math.Pow(Multiplier, attempt - 1));
        return TimeSpan.FromSeconds((pause / 2) + (pause / 2 * jitter));
    }
}
