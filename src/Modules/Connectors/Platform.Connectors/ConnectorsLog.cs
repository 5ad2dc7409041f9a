using Microsoft.Extensions.Logging;

namespace Platform.Connectors;

/// <summary>What this module writes to the log.</summary>
internal static partial class ConnectorsLog
{
    [LoggerMessage(
        2000, LogLevel.Warning, "Workers run without the sandbox layer {Layer}: the system does not have it or does not allow it")]
    public static partial void SandboxLayerMissing(this ILogger logger, string layer);

    [LoggerMessage(2001, LogLevel.Debug, "Worker {ProcessId} says: {Text}")]
    public static partial void WorkerSaid(this ILogger logger, int processId, string text);

    [LoggerMessage(2002, LogLevel.Warning, "Worker {ProcessId} ended before it had answered")]
    public static partial void WorkerDied(this ILogger logger, int processId);

    [LoggerMessage(2003, LogLevel.Information, "Sync {SyncRunId} was taken up by somebody else, or has ended")]
    public static partial void SyncLeaseLost(this ILogger logger, Guid syncRunId);

    [LoggerMessage(2004, LogLevel.Error, "Sync {SyncRunId} failed and will be tried again")]
    public static partial void SyncFailed(this ILogger logger, Exception exception, Guid syncRunId);

    [LoggerMessage(
        2007, LogLevel.Error,
        "The master key {MasterKeyId} is {State}: the credentials of {Count} connectors cannot be opened, among them {ConnectorIds}. "
        + "Put it back into Encryption:MasterKeys; everything else is served")]
    public static partial void MasterKeyUnusable(this ILogger logger, string masterKeyId, string state, int count, string connectorIds);

    [LoggerMessage(2008, LogLevel.Warning, "Whether all master keys are there could not be seen")]
    public static partial void MasterKeysNotChecked(this ILogger logger, Exception exception);

    [LoggerMessage(2006, LogLevel.Warning, "The scheduled sync of connector {ConnectorId} could not be started at this time")]
    public static partial void ScheduledSyncNotStarted(this ILogger logger, Exception exception, Guid connectorId);

    [LoggerMessage(2005, LogLevel.Error, "Worker {ProcessId} did not come up")]
    public static partial void WorkerDidNotStart(this ILogger logger, int processId);

    [LoggerMessage(2009, LogLevel.Information, "The provider has taken back what it granted to connector {ConnectorId}")]
    public static partial void GrantRefused(this ILogger logger, Guid connectorId);

    [LoggerMessage(2010, LogLevel.Warning, "Renewed tokens of connector {ConnectorId} could not be written; it is tried again")]
    public static partial void GrantNotKept(this ILogger logger, Exception exception, Guid connectorId);

    [LoggerMessage(2011, LogLevel.Debug, "The tokens of connector {ConnectorId} were not renewed ahead of their end")]
    public static partial void GrantNotRenewed(this ILogger logger, Exception exception, Guid connectorId);

    [LoggerMessage(2012, LogLevel.Warning, "The file of connector {ConnectorId} could not be brought to this node ahead of its first query")]
    public static partial void WarmUpFailed(this ILogger logger, Exception exception, Guid connectorId);
}
