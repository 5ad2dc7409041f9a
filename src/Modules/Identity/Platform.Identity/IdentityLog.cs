using Microsoft.Extensions.Logging;

namespace Platform.Identity;

internal static partial class IdentityLog
{
    [LoggerMessage(1000, LogLevel.Error, "Export {ExportId} failed")]
    public static partial void ExportFailed(this ILogger logger, Exception exception, Guid exportId);
}
