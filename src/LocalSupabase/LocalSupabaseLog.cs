using Microsoft.Extensions.Logging;

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

    [LoggerMessage(8011, LogLevel.Warning, "User {UserId} is invited, but no mail server is known: the invitation was not sent")]
    public static partial void InvitationNotSent(this ILogger logger, Guid userId);
}
