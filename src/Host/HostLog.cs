namespace Platform.Host;

/// <summary>What the Host logs.</summary>
internal static partial class HostLog
{
    [LoggerMessage(101, LogLevel.Information, "Platform is ready at {Url}\n      anon key: {AnonKey}\n      keys and database address: {ConnectionFile}")]
    public static partial void PlatformIsReady(this ILogger logger, string url, string anonKey, string connectionFile);

    [LoggerMessage(102, LogLevel.Information, "{Staff} has queued the failed job {JobId} again")]
    public static partial void JobQueuedAgain(this ILogger logger, Guid staff, string jobId);
}
