using Microsoft.Extensions.Logging;

namespace Platform.Dashboards;

internal static partial class DashboardsLog
{
    [LoggerMessage(3000, LogLevel.Warning, "The shared cache does not answer ({Failure}); this node works on its own")]
    public static partial void SharedCacheFailed(this ILogger logger, string failure);

    [LoggerMessage(3001, LogLevel.Information, "A result could not be refreshed in the background ({Failure})")]
    public static partial void RefreshFailed(this ILogger logger, string failure);
}
