using Microsoft.Extensions.Logging;
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

    [LoggerMessage(8105, LogLevel.Warning, "Sessions of realtime channels could not be checked")]
    public static partial void RealtimeWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8010, LogLevel.Warning, "Mail {LetterId} could not be delivered (attempt {Attempt})")]
    public static partial void MailNotDelivered(this ILogger logger, Exception exception, Guid letterId, int attempt);

    [LoggerMessage(8011, LogLevel.Warning, "The mail queue cannot be read")]
    public static partial void MailQueueFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8012, LogLevel.Warning, "A service asked by the auth API did not answer")]
    public static partial void OutsideServiceFailed(this ILogger logger, Exception exception);
}
