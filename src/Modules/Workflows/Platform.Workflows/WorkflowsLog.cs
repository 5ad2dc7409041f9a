using Microsoft.Extensions.Logging;

namespace Platform.Workflows;

/// <summary>What this module logs.</summary>
internal static partial class WorkflowsLog
{
    [LoggerMessage(4001, LogLevel.Error, "Execution {ExecutionId}: step {Step} failed unexpectedly")]
    public static partial void StepFailed(this ILogger logger, Exception exception, Guid executionId, string step);

    [LoggerMessage(4002, LogLevel.Error, "Execution {ExecutionId} failed on our side, attempt {Attempt}")]
    public static partial void ExecutionFailed(this ILogger logger, Exception exception, Guid executionId, int attempt);

    [LoggerMessage(4003, LogLevel.Warning, "The executions at work could not be looked after; tried again in a second")]
    public static partial void TendingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4004, LogLevel.Error, "{Request} failed; tried again in a second")]
    public static partial void FiringFailed(this ILogger logger, Exception exception, string request);
}
