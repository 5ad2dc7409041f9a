using System.Text.Json;
using ModelContextProtocol;
using Platform.Connectors.Types.Http;

namespace Platform.Connectors.Types.Mcp;

/// <summary>Tells apart why a server gives no answer. Messages name no host and no address.</summary>
internal static class McpFailures
{
    /// <summary>What a trouble is called; null for what is no trouble of the source.</summary>
    public static SourceException? Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException { StatusCode: { } status })
            {
                return HttpFailures.OfStatus(status);
            }
        }

        return exception switch
        {
            SourceException source => source,
            // The client keeps to itself why it could not read the answer to its end.
            McpException { Message: var message } when message.Contains("without a reply", StringComparison.Ordinal) =>
                new(SourceFailure.QueryFailed, "The server gave no whole answer, or one that is longer than is allowed.", exception),
            McpException refused => new(SourceFailure.QueryFailed, refused.Message, exception),
            JsonException => new(SourceFailure.DataInvalid, "The answer is not one of the Model Context Protocol.", exception),
            TimeoutException => new(SourceFailure.Timeout, "The source did not answer in time.", exception),
            _ when HttpFailures.IsSourceTrouble(exception) || exception is InvalidOperationException => HttpFailures.Of(exception),
            _ => null,
        };
    }
}
