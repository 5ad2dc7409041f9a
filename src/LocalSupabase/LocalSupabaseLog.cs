using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions.Workers;
using Platform.LocalSupabase.Storage.Sweeping;

namespace Platform.LocalSupabase;

/// <summary>Event ids 8000 to 8999.</summary>
internal static partial class LocalSupabaseLog
{
    [LoggerMessage(8001, LogLevel.Error, "An auth request failed (error {ErrorId})")]
    public static partial void AuthRequestFailed(this ILogger logger, Exception exception, string errorId);

    [LoggerMessage(8002, LogLevel.Error, "A storage request failed")]
    public static partial void StorageRequestFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8003, LogLevel.Warning, "The file of an object version {Version} could not be deleted")]
    public static partial void FileNotDeleted(this ILogger logger, Exception exception, Guid version);

    [LoggerMessage(8013, LogLevel.Warning, "What is left of ended sign-ins could not be removed; it is tried again in an hour")]
    public static partial void AuthSweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8004, LogLevel.Warning, "Storage sweep {SweepId} found {Kind}: file {File}, {Size} bytes, repaired: {Repaired}")]
    public static partial void StorageSweepFound(
        this ILogger logger, SweepKind kind, string? file, long? size, bool repaired, Guid sweepId);

    [LoggerMessage(8005, LogLevel.Error, "A storage sweep failed; the next one tries again")]
    public static partial void StorageSweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8101, LogLevel.Warning, "The realtime feed was lost; it begins again")]
    public static partial void RealtimeFeedLost(this ILogger logger, Exception exception);

    [LoggerMessage(8102, LogLevel.Information, "A realtime client was cut off: {Bytes} bytes waited for it")]
    public static partial void RealtimeClientCutOff(this ILogger logger, long bytes);

    [LoggerMessage(8103, LogLevel.Warning, "{Count} realtime messages to other nodes were lost")]
    public static partial void RealtimeNodeMessagesLost(this ILogger logger, Exception exception, int count);

    [LoggerMessage(8104, LogLevel.Warning, "A realtime socket failed")]
    public static partial void RealtimeSocketFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8106, LogLevel.Error, "The topic {Topic} is no longer followed")]
    public static partial void RealtimeTopicFailed(this ILogger logger, Exception exception, string topic);

    [LoggerMessage(8105, LogLevel.Warning, "Sessions of realtime channels could not be checked")]
    public static partial void RealtimeWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8010, LogLevel.Warning, "Mail {LetterId} could not be delivered (attempt {Attempt})")]
    public static partial void MailNotDelivered(this ILogger logger, Exception exception, Guid letterId, int attempt);

    [LoggerMessage(8011, LogLevel.Warning, "The mail queue cannot be read")]
    public static partial void MailQueueFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8012, LogLevel.Warning, "A service asked by the auth API did not answer")]
    public static partial void OutsideServiceFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8201, LogLevel.Information, "Function {Function} listens (execution {ExecutionId}, {Milliseconds} ms)")]
    public static partial void FunctionStarted(this ILogger logger, string function, string executionId, long milliseconds);

    [LoggerMessage(8202, LogLevel.Information, "Function {Function} stopped (execution {ExecutionId}): {Reason}")]
    public static partial void FunctionStopped(this ILogger logger, string function, string executionId, FunctionEnd reason);

    [LoggerMessage(8203, LogLevel.Warning, "Function {Function} was stopped (execution {ExecutionId}): {Reason}")]
    public static partial void FunctionBroke(this ILogger logger, string function, string executionId, FunctionEnd reason);

    [LoggerMessage(8204, LogLevel.Error, "Function {Function} does not start (execution {ExecutionId})")]
    public static partial void FunctionNotStarted(this ILogger logger, string function, string executionId);

    [LoggerMessage(8205, LogLevel.Error, "The modules of function {Function} cannot be loaded: {Reason}")]
    public static partial void FunctionModulesNotLoaded(this ILogger logger, string function, string reason);

    [LoggerMessage(8206, LogLevel.Error, "Function {Function} imports {Module}, which lies outside of its folder; it is not started")]
    public static partial void FunctionModuleRefused(this ILogger logger, string function, string module);

    [LoggerMessage(8207, LogLevel.Information, "[{Function} {ExecutionId}] {Line}")]
    public static partial void FunctionSaid(this ILogger logger, string function, string executionId, string line);

    [LoggerMessage(8208, LogLevel.Warning, "[{Function} {ExecutionId}] {Line}")]
    public static partial void FunctionComplained(this ILogger logger, string function, string executionId, string line);

    [LoggerMessage(8209, LogLevel.Error, "{Path} cannot be read; no function is served")]
    public static partial void FunctionsConfigUnreadable(this ILogger logger, Exception exception, string path);

    [LoggerMessage(8210, LogLevel.Error, "Functions cannot be watched")]
    public static partial void FunctionsWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8211, LogLevel.Warning, "Functions cannot be served: {Reason}")]
    public static partial void FunctionsUnavailable(this ILogger logger, string reason);

    [LoggerMessage(8301, LogLevel.Error, "A rest request failed")]
    public static partial void RestRequestFailed(this ILogger logger, Exception exception);
}
