using System.Globalization;
using System.Text.RegularExpressions;

namespace Platform.Workflows.Steps;

/// <summary>What steps that wait have in common.</summary>
internal static class Waits
{
    private const double MaxSeconds = 366 * 24 * 3600;

    public static StepResult.Failed BadTimeout { get; } = new("step_input_invalid", $"timeout_seconds is a number from 1 to {MaxSeconds}.");

    /// <summary>When the step's <c>timeout_seconds</c> are over; null where there are none.</summary>
    public static bool TryTimeout(StepContext context, out DateTimeOffset? until)
    {
        until = null;
        if (context.With["timeout_seconds"] is not { } given)
        {
            return true;
        }

        if (!double.TryParse(given.ToString(), CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > MaxSeconds)
        {
            return false;
        }

        until = context.Run.Now.AddSeconds(seconds);
        return true;
    }
}

/// <summary>The names under which an execution is told something.</summary>
internal static partial class SignalNames
{
    private const string SyncPrefix = "sync:";

    /// <summary>Whether a name is one that people give signals.</summary>
    public static bool IsValid(string? name) => name is not null && Form().IsMatch(name);

    public static string OfUser(string name) => $"signal:{name}";

    public static string OfApproval(string key, int? item) => item is { } index ? $"approval:{key}:{index}" : $"approval:{key}";

    public static string OfExecution(Guid executionId) => $"execution:{executionId}";

    public static string OfSync(Guid syncId) => $"{SyncPrefix}{syncId}";

    /// <summary>The sync whose end a name tells of.</summary>
    public static bool TrySync(string? name, out Guid syncId)
    {
        syncId = default;
        return name is not null && name.StartsWith(SyncPrefix, StringComparison.Ordinal)
            && Guid.TryParse(name.AsSpan(SyncPrefix.Length), out syncId);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex Form();
}
