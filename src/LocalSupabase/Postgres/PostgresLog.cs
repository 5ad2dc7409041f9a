using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Postgres;

internal static partial class PostgresLog
{
    [LoggerMessage(
        8000, LogLevel.Information, "PostgreSQL {Major} is ready on 127.0.0.1:{Port} after {Milliseconds} ms (cluster in {Directory})")]
    public static partial void ServerIsReady(this ILogger logger, int major, int port, long milliseconds, string directory);

    [LoggerMessage(8001, LogLevel.Information, "A new PostgreSQL {Major} cluster was made in {Directory}")]
    public static partial void ClusterWasMade(this ILogger logger, int major, string directory);

    [LoggerMessage(8002, LogLevel.Error, "PostgreSQL ended unexpectedly (exit code {ExitCode}); starting it again on port {Port}")]
    public static partial void ServerDied(this ILogger logger, int exitCode, int port);

    [LoggerMessage(8003, LogLevel.Warning, "PostgreSQL is back on 127.0.0.1:{Port} after {Attempts} attempt(s)")]
    public static partial void ServerIsBack(this ILogger logger, int port, int attempts);

    [LoggerMessage(8004, LogLevel.Error, "PostgreSQL could not be started again (attempt {Attempt}); next try in {Delay}")]
    public static partial void RestartFailed(this ILogger logger, Exception exception, int attempt, TimeSpan delay);

    [LoggerMessage(
        8005, LogLevel.Warning, "The cluster stands in {Directory}: PostgreSQL's user cannot pass the folders above {DataDirectory}")]
    public static partial void ClusterStandsElsewhere(this ILogger logger, string directory, string dataDirectory);

    [LoggerMessage(
        8006, LogLevel.Warning, "{Home} holds the cluster of an earlier data directory at {DataDirectory}; remove it when of no more use")]
    public static partial void ClusterIsForgotten(this ILogger logger, string home, string dataDirectory);

    [LoggerMessage(8007, LogLevel.Warning, "PostgreSQL did not stop within {Seconds} s after signal {Signal}; sending a stronger one")]
    public static partial void StopIsSlow(this ILogger logger, int signal, double seconds);
}
