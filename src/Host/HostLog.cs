namespace Platform.Host;

/// <summary>What the Host logs.</summary>
internal static partial class HostLog
{
    [LoggerMessage(101, LogLevel.Information, "Platform is ready at {Url}\n      anon key: {AnonKey}\n      keys and database address: {ConnectionFile}")]
    public static partial void PlatformIsReady(this ILogger logger, string url, string anonKey, string connectionFile);
}
