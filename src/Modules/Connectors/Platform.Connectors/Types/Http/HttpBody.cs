using System.Buffers;
using System.Text.Json;

namespace Platform.Connectors.Types.Http;

/// <summary>Reads JSON answers up to a bound, which counts the bytes after decompression.</summary>
internal static class HttpBody
{
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = 60,
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        int read;
        while ((read = await stream.ReadAsync(buffer.GetMemory(16 * 1024), cancellationToken)) > 0)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > maxBytes)
            {
                throw new SourceException(SourceFailure.QueryTooLarge, $"An answer of the source has more than {maxBytes} bytes.");
            }
        }

        try
        {
            return JsonElement.Parse(buffer.WrittenSpan, Options);
        }
        catch (JsonException exception)
        {
            throw new SourceException(SourceFailure.DataInvalid, "The source's answer is no JSON.", exception);
        }
    }
}
