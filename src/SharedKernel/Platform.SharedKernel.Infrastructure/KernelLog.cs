using Microsoft.Extensions.Logging;

namespace Platform.SharedKernel.Infrastructure;

/// <summary>What the kernel logs. Ids and counts, never contents.</summary>
internal static partial class KernelLog
{
    [LoggerMessage(9001, LogLevel.Warning, "The connection for notifications was lost; it is made again")]
    public static partial void NotificationsLost(this ILogger logger, Exception exception);

    [LoggerMessage(9002, LogLevel.Error, "Request {TraceId} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string traceId);

    [LoggerMessage(9003, LogLevel.Debug, "Request {TraceId} refused with {Code}")]
    public static partial void RequestRefused(this ILogger logger, string traceId, string code);

    [LoggerMessage(9004, LogLevel.Warning, "Reaction {Handler} to event {EventId} failed at attempt {Attempt}")]
    public static partial void ReactionFailed(this ILogger logger, Exception exception, string handler, Guid eventId, int attempt);

    [LoggerMessage(9005, LogLevel.Error, "Pump {Queue} could not reach its table; it tries again")]
    public static partial void PumpFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(9006, LogLevel.Warning, "Pump {Queue}: row {Id} failed at attempt {Attempt}")]
    public static partial void PumpItemFailed(this ILogger logger, Exception exception, string queue, Guid id, int attempt);

    [LoggerMessage(9007, LogLevel.Error, "Pump {Queue}: row {Id} is given up after {Attempts} attempts")]
    public static partial void PumpItemBuried(this ILogger logger, string queue, Guid id, int attempts);

    [LoggerMessage(9008, LogLevel.Warning, "Pump {Queue}: the lease of row {Id} was lost")]
    public static partial void LeaseLost(this ILogger logger, string queue, Guid id);

    [LoggerMessage(9009, LogLevel.Warning, "An outbound call to {Host} was refused: {Reason}")]
    public static partial void EgressDenied(this ILogger logger, string host, string reason);
}
