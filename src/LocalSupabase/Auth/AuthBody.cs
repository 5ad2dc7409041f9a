using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Auth;

/// <summary>Reads a request's JSON body, whatever content type it claims: clients are not careful with that header.</summary>
internal static class AuthBody
{
    private const long MaxLength = 1024 * 1024;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 64,
    };

    // Metadata that names something twice could not be stored.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    public static async Task<T> ReadAsync<T>(HttpRequest request)
        where T : class
    {
        var bytes = await ReadBytesAsync(request);
        try
        {
            StorableJson.Check(bytes.Span);
            using var document = JsonDocument.Parse(bytes, Strict);
            return document.Deserialize<T>(Options) ?? throw AuthException.BadJson("null is not an object");
        }
        catch (JsonException exception)
        {
            throw AuthException.BadJson($"unexpected input at {exception.Path ?? "$"}");
        }
    }

    /// <summary>For calls whose body may be left out.</summary>
    public static async Task<T> ReadOrDefaultAsync<T>(HttpRequest request, T otherwise)
        where T : class =>
        request.ContentLength is null or 0 && !request.Headers.ContainsKey("Transfer-Encoding") ? otherwise : await ReadAsync<T>(request);

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxLength)
        {
            throw AuthException.TooLarge();
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxLength)
            {
                throw AuthException.TooLarge();
            }
        }

        return buffer.ToArray();
    }
}
