using Microsoft.Extensions.Logging;

namespace Platform.Workflows;

/// <summary>What this module logs.</summary>
internal static partial class WorkflowsLog
{
    [LoggerMessage(4001, LogLevel.Error, "Execution {ExecutionId}: step {Step} failed unexpectedly")]
    public static partial void StepFailed(this ILogger logger, Exception exception, Guid executionId, string step);
}
