using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Definitions;

/// <summary>What a workflow's <c>config</c> says about its executions.</summary>
/// <param name="Vars">What expressions see as <c>vars</c>.</param>
/// <param name="Concurrency">How many executions may run at once; null for any number.</param>
/// <param name="TimeoutSeconds">The longest that an execution may take from its first step, its waits included.</param>
/// <param name="QueueTimeoutSeconds">The longest that an execution may wait for its first step.</param>
/// <param name="RetentionDays">How long ended executions are kept.</param>
internal sealed record WorkflowSettings(
    JsonElement? Vars = null, ConcurrencyLimit? Concurrency = null, int? TimeoutSeconds = null, int? QueueTimeoutSeconds = null,
    int RetentionDays = WorkflowSettings.DefaultRetentionDays)
{
    public const int DefaultRetentionDays = 30;
    public const int MaxRetentionDays = 3650;
    public const int MaxSeconds = 366 * 24 * 3600;

    // A config may also hold what only its author knows.
    private static readonly JsonSerializerOptions Tolerant = new(PlatformJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    /// <summary>Reads the config of a published version, which was found valid.</summary>
    public static WorkflowSettings Read(JsonElement config) => config.Deserialize<WorkflowSettings>(Tolerant)!;

    /// <summary>What is wrong with a config.</summary>
    public static IEnumerable<DefinitionFault> FaultsOf(JsonElement config)
    {
        WorkflowSettings settings;
        DefinitionFault? malformed = null;
        try
        {
            settings = Read(config);
        }
        catch (JsonException exception)
        {
            settings = new WorkflowSettings();
            malformed = new DefinitionFault(
                "$.config" + (exception.Path is { Length: > 1 } path ? path[1..] : ""), "config_malformed",
                "Is not of the right type.");
        }

        return malformed is null ? settings.Faults() : [malformed];
    }

    private IEnumerable<DefinitionFault> Faults()
    {
        if (Vars is { ValueKind: not JsonValueKind.Object })
        {
            yield return new DefinitionFault("$.config.vars", "config_invalid", "Must be an object.");
        }

        if (Concurrency is { Limit: < 1 or > 1000 })
        {
            yield return new DefinitionFault("$.config.concurrency.limit", "config_invalid", "Must be 1 to 1000.");
        }

        foreach (var (name, value) in new[] { ("timeout_seconds", TimeoutSeconds), ("queue_timeout_seconds", QueueTimeoutSeconds) })
        {
            if (value is < 1 or > MaxSeconds)
            {
                yield return new DefinitionFault($"$.config.{name}", "config_invalid", $"Must be 1 to {MaxSeconds}.");
            }
        }

        if (RetentionDays is < 1 or > MaxRetentionDays)
        {
            yield return new DefinitionFault("$.config.retention_days", "config_invalid", $"Must be 1 to {MaxRetentionDays}.");
        }
    }
}

/// <summary>How many executions of a workflow may run at once: in all, or for each value of a key.</summary>
/// <param name="Limit">The number.</param>
/// <param name="Key">An expression over <c>input</c> and <c>vars</c>; null counts all executions of the workflow together.</param>
internal sealed record ConcurrencyLimit(int Limit, string? Key = null);
