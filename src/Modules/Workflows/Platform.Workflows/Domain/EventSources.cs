using System.Text.RegularExpressions;

namespace Platform.Workflows.Domain;

/// <summary>The events that triggers can wait for.</summary>
internal static partial class EventSources
{
    public const string ConnectorSynced = "connectors.connector-synced.v1";
    public const string ConnectorSyncFailed = "connectors.connector-sync-failed.v1";
    public const string ConnectorHealthChanged = "connectors.connector-health-changed.v1";
    public const string ArtifactCreated = "artifacts.artifact-created.v1";
    public const string AlertFired = "dashboards.alert-fired.v1";
    public const string ExecutionFinished = "workflows.execution-finished.v1";
    private const string CustomPrefix = "custom.";

    /// <summary>Whether a trigger can wait for an event of this name: one of the platform's, or one that a step emits.</summary>
    public static bool IsKnown(string? name) =>
        name is ConnectorSynced or ConnectorSyncFailed or ConnectorHealthChanged or ArtifactCreated or AlertFired or ExecutionFinished
        || (name is not null && name.StartsWith(CustomPrefix, StringComparison.Ordinal) && IsCustom(name[CustomPrefix.Length..]));

    /// <summary>Whether a step may emit an event of this name.</summary>
    public static bool IsCustom(string? name) => name is not null && Form().IsMatch(name);

    /// <summary>The name on the wire of an event that a step emits.</summary>
    public static string OfCustom(string name) => CustomPrefix + name;

    [GeneratedRegex(@"^[a-z][a-z0-9._-]{0,99}$")]
    private static partial Regex Form();
}
