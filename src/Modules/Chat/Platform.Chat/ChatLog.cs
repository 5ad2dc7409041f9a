using Microsoft.Extensions.Logging;

namespace Platform.Chat;

internal static partial class ChatLog
{
    [LoggerMessage(5001, LogLevel.Information, "Tool {Tool} has run for message {MessageId}.")]
    public static partial void ToolRun(this ILogger logger, string tool, Guid messageId);

    [LoggerMessage(5002, LogLevel.Warning, "Message {MessageId} was given up after {Attempts} attempts.")]
    public static partial void MessageGivenUp(this ILogger logger, Guid messageId, int attempts);
}
